// SPDX-License-Identifier: GPL-2.0-only
//
// dashboard.js MODULES DASHBOARD PROMETHEUS PANEL [NAME=VALUE...] - print a table of a dashboard of
// Grafana: a line for each row, with tabulators between the cells
//
// MODULES is a directory node_modules with @grafana/data, whose transformations and mappings of
// values are executed.  PROMETHEUS is the address of Prometheus, or a file with the answers to the
// queries, a line each.  A variable of the dashboard is NAME=VALUE.

"use strict";

const fs = require("fs");
const path = require("path");

const [modules, dashboardFile, prometheus, panelTitle, ...settings] = process.argv.slice(2);
const variables = new Map(settings.map((setting) => {
	const at = setting.indexOf("=");

	return [setting.slice(0, at), setting.slice(at + 1)];
}));

// The library expects a browser, of which it reads only the languages
globalThis.window = globalThis;
globalThis.navigator = { languages: ["en"] };
const grafana = require(path.join(modules, "@grafana/data"));

// interpolate - replace variables by their values, as Grafana does in a query of Prometheus
function interpolate(text, escape)
{
	return text.replace(/\$(\w+)/g, (all, name) => {
		if (!variables.has(name))
			return all;
		return escape ? variables.get(name).replace(/\\/g, "\\\\").replace(/"/g, '\\"') :
			variables.get(name);
	});
}

// Grafana sends all queries of a panel with one time
const now = Date.now() / 1000;

async function ask(target, number)
{
	if (!prometheus.startsWith("http"))
		return JSON.parse(fs.readFileSync(prometheus, "utf8").split("\n")[number]);
	const response = await fetch(prometheus + "/api/v1/query", {
		method: "POST",
		body: new URLSearchParams({ query: interpolate(target.expr, true), time: now }),
	});
	const answer = await response.json();

	if (answer.status !== "success")
		throw new Error(target.expr + ": " + answer.error);
	return answer.data.result;
}

// frameOf - make a table of the answer to a query, as Grafana's data source does for an instant
// query: with a column for each label
function frameOf(target, result, targets)
{
	const labels = [];

	for (const { metric } of result) {
		for (const label of Object.keys(metric).sort()) {
			if (!labels.includes(label))
				labels.push(label);
		}
	}
	return grafana.toDataFrame({
		refId: target.refId,
		fields: [
			{ name: "Time", type: "time", values: result.map((each) => each.value[0] * 1000) },
			...labels.map((label) => ({
				name: label,
				type: "string",
				values: result.map((each) => each.metric[label] ?? ""),
			})),
			{
				name: targets.length > 1 ? "Value #" + target.refId : "Value",
				type: "number",
				values: result.map((each) => Number(each.value[1])),
			},
		],
	});
}

function transform(panel, frames)
{
	const { standardTransformers, standardTransformersRegistry } = grafana;

	standardTransformersRegistry.setInit(() => [...new Set(Object.values(standardTransformers))].map((each) => ({
		id: each.id,
		aliasIds: each.aliasIds,
		name: each.name,
		transformation: each,
	})));
	for (const { id } of panel.transformations) {
		if (!standardTransformersRegistry.getIfExists(id))
			throw new Error(id + ": @grafana/data does not have this transformation");
	}
	return new Promise((resolve, reject) => {
		grafana.transformDataFrame(panel.transformations, frames,
			{ interpolate: (text) => interpolate(text, false) })
			.subscribe({ next: resolve, error: reject });
	});
}

function print(panel, frames)
{
	const options = ["mappings", "unit", "thresholds"].map((id) => ({
		id,
		path: id,
		name: id,
		process: (value) => value,
		shouldApply: () => true,
	}));
	const [frame] = grafana.applyFieldOverrides({
		data: frames,
		fieldConfig: panel.fieldConfig,
		fieldConfigRegistry: new grafana.FieldConfigOptionsRegistry(() => options),
		replaceVariables: (text) => interpolate(text, false),
		theme: grafana.createTheme(),
	});

	console.log(frame.fields.map((field) => grafana.getFieldDisplayName(field, frame))
		.join("\t"));
	for (let row = 0; row < frame.length; row++) {
		console.log(frame.fields.map((field) =>
			grafana.formattedValueToString(field.display(field.values[row]))).join("\t"));
	}
}

async function main()
{
	const dashboard = JSON.parse(fs.readFileSync(dashboardFile, "utf8"));
	const panel = dashboard.panels.find((each) =>
		interpolate(each.title, false).startsWith(panelTitle));

	if (!panel)
		throw new Error(panelTitle + ": the dashboard does not have this panel");
	const results = await Promise.all(panel.targets.map(ask));
	const frames = panel.targets.map((target, number) =>
		frameOf(target, results[number], panel.targets));
	const tables = await transform(panel, frames);

	if (tables.length !== 1)
		throw new Error(panel.title + ": one table was expected, not " + tables.length);
	print(panel, tables);
}

main().catch((error) => {
	console.error(error.stack);
	process.exitCode = 1;
});

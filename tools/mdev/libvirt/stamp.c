// SPDX-License-Identifier: GPL-2.0-only
/* Stamps: types and versions of a domain's devices on this host, written on the domain */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libvirt/virterror.h>

#include "connection.h"
#include "report.h"
#include "stamp.h"
#include "stamp-element.h"

/* The prefix of the elements; libvirt finds them by their namespace */
#define STAMP_PREFIX	"mdev-precheck"

/* The end of a message about a device that could not be read */
static const char kept_text[] = ": its stamp stays as it was";

/**
 * struct subject - the running domain, or its configuration
 * @stamping: the context of the command
 * @domain: the domain
 * @name: name of the domain, which libvirt owns
 * @affected: VIR_DOMAIN_AFFECT_LIVE or VIR_DOMAIN_AFFECT_CONFIG
 * @parsed: its devices and its stamps
 * @old: the element of its stamps, or NULL
 * @readings: readings of devices, which domain and configuration share
 */
struct subject {
	struct stamping *stamping;
	virDomainPtr domain;
	const char *name;
	unsigned int affected;
	struct domain parsed;
	const xmlNode *old;
	struct readings *readings;
};

static struct reading *reading_of(const struct subject *subject, const char *uuid)
{
	return read_once(subject->stamping->host, &subject->stamping->late, subject->readings,
			 uuid);
}

/* is_silent - was libvirt's last error printed by the watch, or after the last try? */
static bool is_silent(const struct stamping *stamping, virDomainPtr domain)
{
	if (!stamping->gives_way)
		return false;
	return (stamping->busy == BUSY_STUCK && stamping->again &&
		stamping->settings->verbosity <= 0) ||
	       virConnectIsAlive(virDomainGetConnect(domain)) != 1;
}

/*
 * not_stamped - print libvirt's last error; DONE if the domain is gone, and may be gone
 *
 * The caller passes the name, because libvirt forgets its last error when it is asked for one.
 */
static enum outcome not_stamped(struct stamping *stamping, virDomainPtr domain, const char *name)
{
	char *reason = duplicate(virGetLastErrorMessage());
	enum outcome outcome = FAILED;

	if (is_stuck())
		stamping->busy = BUSY_STUCK;
	if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN && stamping->may_be_gone)
		outcome = DONE;
	else if (!is_silent(stamping, domain))
		complain("domain %s: %s", name, reason);
	free(reason);
	return outcome;
}

/* is_good - is a device's old stamp still true?  A stamp of another host is not true here. */
static bool is_good(const struct subject *subject, const struct stamp *old,
		    const struct reading *reading)
{
	const char *wrote = subject->parsed.host, *own = subject->stamping->host_uuid;

	if (!old || old->wrong || strcmp(old->device.uuid, reading->uuid) ||
	    old->source->state == MDEV_PRECHECK_SOURCE_UNKNOWN)
		return false;
	if (*reading->type && strcmp(old->source->type, reading->type))
		return false;
	/* Older stamps do not have the host */
	return !wrote || (own && !strcmp(wrote, own));
}

/* add_stamp_of - add a new stamp of a device, or its old one; true if the old one is kept */
static bool add_stamp_of(const struct subject *subject, xmlNode *element,
			 const struct guest_device *device)
{
	const struct stamp *old = find_stamp(&subject->parsed, device, NULL);
	struct reading *reading = reading_of(subject, device->uuid);

	reading->kept = (reading->error || is_unknown(reading)) && is_good(subject, old, reading);
	if (reading->kept)
		add_kept(element, device, subject->old);
	else if (!reading->error)
		add_reading(element, device, reading);
	return reading->kept;
}

/* new_element - make the element for all devices; NULL if the domain does not have any */
static xmlNode *new_element(const struct subject *subject)
{
	const struct domain *parsed = &subject->parsed;
	bool keeps = false;
	xmlNode *element;
	size_t i;

	if (!parsed->num)
		return NULL;
	element = stamp_element_new(subject->affected == VIR_DOMAIN_AFFECT_LIVE);
	for (i = 0; i < parsed->num; i++)
		keeps |= add_stamp_of(subject, element, &parsed->devices[i]);
	/* Another host may have written a kept stamp that does not have the host */
	if (!keeps || parsed->host)
		mark_host(element, subject->stamping->host_uuid);
	return element;
}

static void print_stamp(const struct subject *subject, const struct reading *reading)
{
	char *version;

	if (subject->stamping->settings->verbosity < 0)
		return;
	version = shown_version(reading->source);
	printf("domain ");
	write_escaped(stdout, subject->name);
	printf(": device %s: type ", reading->uuid);
	write_escaped(stdout, reading->source->type);
	printf(", version ");
	write_escaped(stdout, version);
	putchar('\n');
	free(version);
}

/* no_reading - print why a device could not be read; DONE for a configured device not here yet */
static enum outcome no_reading(const struct subject *subject, const struct reading *reading)
{
	bool may = reading->error == -ENODEV && subject->affected == VIR_DOMAIN_AFFECT_CONFIG;
	struct stamping *stamping = subject->stamping;
	char *reason;

	if ((may || stamping->again) && stamping->settings->verbosity <= 0)
		return may ? DONE : FAILED;
	reason = unread_reason(stamping->host, reading->error);
	complain("domain %s: device %s: %s%s%s", subject->name, reading->uuid,
		 may && !reading->kept ? "not stamped yet: " : "", reason,
		 reading->kept ? kept_text : "");
	free(reason);
	return may ? DONE : FAILED;
}

/* no_version - print a line for a device, but not each time that a watch tries it again */
static enum outcome no_version(const struct subject *subject, const struct reading *reading,
			       bool prints)
{
	int error = reading->source->error;
	bool faulty = error == EIO;

	if (prints)
		complain("domain %s: device %s: %s%s%s%s%s", subject->name, reading->uuid,
			 faulty ? "its driver gave no valid answer" :
				  "its version could not be read",
			 error ? ": " : "", error ? strerror(error) : "",
			 reading->kept ? kept_text : "",
			 faulty ? "; the kernel log can have the fault: " FIND_FAULTS : "");
	return FAILED;
}

/* report_device - print the stamp of a device, or why it could not be read */
static enum outcome report_device(const struct subject *subject, struct reading *reading,
				  bool changed)
{
	bool prints = !reading->printed && (changed || !subject->stamping->only_changes);

	if (reading->error)
		return no_reading(subject, reading);
	if (prints)
		reading->printed = true;
	if (is_unknown(reading))
		return no_version(subject, reading, prints);
	if (prints)
		print_stamp(subject, reading);
	return DONE;
}

static enum outcome report_devices(const struct subject *subject, bool changed)
{
	enum outcome outcome = DONE;
	struct reading *reading;
	size_t i;

	for (i = 0; i < subject->parsed.num; i++) {
		reading = reading_of(subject, subject->parsed.devices[i].uuid);
		if (report_device(subject, reading, changed) != DONE)
			outcome = FAILED;
	}
	return outcome;
}

/* may_write - is the metadata free of a job of libvirt?  False after a message, or in silence. */
static bool may_write(const struct subject *subject)
{
	struct stamping *stamping = subject->stamping;

	if (!stamping->gives_way)
		return true;
	stamping->busy = domain_busy(subject->domain, stamping->arrived);
	if (stamping->busy == BUSY_STUCK)
		not_stamped(stamping, subject->domain, subject->name);
	else if (stamping->busy == BUSY_JOB && stamping->settings->verbosity > 0)
		complain("domain %s: it is busy: it is stamped later", subject->name);
	return stamping->busy == BUSY_NOT;
}

/* write_text - set the element as text; with NULL libvirt removes it */
static enum outcome write_text(const struct subject *subject, const char *text)
{
	if (!may_write(subject))
		return FAILED;
	if (virDomainSetMetadata(subject->domain, VIR_DOMAIN_METADATA_ELEMENT, text, STAMP_PREFIX,
				 STAMP_NAMESPACE, subject->affected))
		return not_stamped(subject->stamping, subject->domain, subject->name);
	return DONE;
}

/* write_stamps - write stamps that changed; libvirt is not called for others */
static enum outcome write_stamps(const struct subject *subject)
{
	xmlNode *element = new_element(subject);
	bool changed = element ? !subject->old || !is_same_element(element, subject->old) :
				 subject->parsed.has_stamp;
	/* With a NULL text, libvirt removes the element, which fails if the element is missing */
	char *text = element ? element_text(element) : NULL;
	enum outcome outcome = changed ? write_text(subject, text) : DONE;

	free(text);
	xmlFreeNode(element);
	return outcome == DONE ? report_devices(subject, changed) : outcome;
}

/* stamp_subject - parse the XML and write the stamps */
static enum outcome stamp_subject(struct subject *subject, const char *text)
{
	enum outcome outcome;
	char *wrong = NULL;
	xmlDoc *document = parse_xml(text, strlen(text), &wrong);

	if (document)
		wrong = take_domain(document, &subject->parsed);
	if (wrong) {
		outcome = failed(0, "domain %s: %s", subject->name, wrong);
	} else {
		subject->old = old_element(document);
		outcome = write_stamps(subject);
	}
	xmlFreeDoc(document);
	free(wrong);
	domain_free(&subject->parsed);
	return outcome;
}

/* stamp_state - stamp the running domain, or its configuration */
static enum outcome stamp_state(struct stamping *stamping, virDomainPtr domain,
				struct readings *readings, unsigned int affected)
{
	struct subject subject = {
		.stamping = stamping,
		.domain = domain,
		.name = virDomainGetName(domain),
		.affected = affected,
		.readings = readings,
	};
	unsigned int flags = affected == VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0;
	char *text = virDomainGetXMLDesc(domain, flags);
	enum outcome outcome;

	if (!text)
		return not_stamped(stamping, domain, subject.name);
	outcome = stamp_subject(&subject, text);
	free(text);
	return outcome;
}

enum outcome stamp_domain(struct stamping *stamping, virDomainPtr domain)
{
	const char *name = virDomainGetName(domain);
	struct readings readings = {};
	enum outcome outcome = DONE;
	int active, persistent;

	stamping->busy = BUSY_NOT;
	active = virDomainIsActive(domain);
	persistent = active < 0 ? -1 : virDomainIsPersistent(domain);
	if (persistent < 0)
		return not_stamped(stamping, domain, name);
	if (active)
		outcome = stamp_state(stamping, domain, &readings, VIR_DOMAIN_AFFECT_LIVE);
	/* A job that delays the stamp of the running domain also delays the other one */
	if (persistent && stamping->busy == BUSY_NOT &&
	    stamp_state(stamping, domain, &readings, VIR_DOMAIN_AFFECT_CONFIG) != DONE)
		outcome = FAILED;
	readings_free(&readings);
	return outcome;
}

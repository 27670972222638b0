// SPDX-License-Identifier: GPL-2.0-only
/*
 * The attributes of a type, with any bytes of a vendor driver: the library reads them, and
 * export writes a document about them that can be read again
 *
 * Input: a byte, and then name, device_api, available_instances and migration_version, each up
 * to the next byte of that value.  An attribute that is missing at the end does not get a file.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "documents.h"

/* options.c refers to the commands of a program */
const struct command *const commands[] = { NULL };

static const char *const names[] = {
	"name", "device_api", "available_instances", "migration_version",
};

#define NUM_NAMES	(sizeof(names) / sizeof(*names))
#define TYPE_DIR	"class/mdev_bus/mtty/mdev_supported_types/mtty-1"

/* Directory of the one type of a sysfs below $TMPDIR, which "make run" makes and removes */
static int type_dir;
static struct mdev_precheck *precheck;

static void make_sysfs(void)
{
	const char *tmpdir = getenv("TMPDIR");
	char sysfs[PATH_MAX], path[] = TYPE_DIR;
	char *slash;
	int dir;

	snprintf(sysfs, sizeof(sysfs), "%s/sysfs.XXXXXX", tmpdir ? tmpdir : "/tmp");
	REQUIRE(mkdtemp(sysfs));
	dir = open(sysfs, O_PATH | O_DIRECTORY);
	REQUIRE(dir >= 0);
	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		REQUIRE(!mkdirat(dir, path, 0700));
		*slash = '/';
	}
	REQUIRE(!mkdirat(dir, path, 0700));
	type_dir = openat(dir, path, O_PATH | O_DIRECTORY);
	REQUIRE(type_dir >= 0);
	close(dir);
	REQUIRE(!mdev_precheck_new_fixture(sysfs, &precheck));
}

static void write_attribute(const char *name, const uint8_t *data, size_t size)
{
	int fd = openat(type_dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, data, size) == (ssize_t)size);
	close(fd);
}

/* fill - write the attributes; return the size of migration_version, or -1 without it */
static ssize_t fill(const uint8_t *data, size_t size, const uint8_t **version)
{
	const uint8_t *end = data + size, *next;
	uint8_t mark = size ? *data++ : 0;
	ssize_t result = -1;
	size_t i;

	for (i = 0; i < NUM_NAMES; i++) {
		if (data >= end) {
			unlinkat(type_dir, names[i], 0);
			continue;
		}
		next = memchr(data, mark, end - data);
		if (!next)
			next = end;
		write_attribute(names[i], data, next - data);
		*version = data;
		if (i == NUM_NAMES - 1)
			result = next - data;
		data = next + 1;
	}
	return result;
}

/* wanted_state - return the state of a source with @len bytes of migration_version */
static enum mdev_precheck_source_state wanted_state(const uint8_t *text, ssize_t len)
{
	ssize_t i;

	if (len < 0)
		return MDEV_PRECHECK_SOURCE_NONE;
	if (len && text[len - 1] == '\n')
		len--;
	if (!len || len > 4095)
		return MDEV_PRECHECK_SOURCE_FAILED;
	for (i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return MDEV_PRECHECK_SOURCE_FAILED;
	}
	return MDEV_PRECHECK_SOURCE_READ;
}

/**
 * struct visited - the one type that the walk finds
 * @document: document that gets the type
 * @num: number of types that were found
 * @text: bytes of migration_version
 * @len: number of bytes in @text, or -1 without the attribute
 */
struct visited {
	struct types_document document;
	size_t num;
	const uint8_t *text;
	ssize_t len;
};

static int require_type(const struct mdev_precheck_type *type, void *data)
{
	const struct mdev_precheck_source *source = type->source;
	struct visited *visited = data;

	REQUIRE(!strcmp(type->place->parent, "mtty"));
	REQUIRE(!strcmp(type->place->type, "mtty-1"));
	REQUIRE(!type->error);
	REQUIRE(type->available_instances >= -1);
	REQUIRE(!type->num_devices);
	REQUIRE(!mdev_precheck_source_check(source));
	REQUIRE(source->state == wanted_state(visited->text, visited->len));
	REQUIRE(source->error ==
		(source->state == MDEV_PRECHECK_SOURCE_FAILED ? EBADMSG : 0));
	if (source->state == MDEV_PRECHECK_SOURCE_READ) {
		size_t len = strlen(source->version);

		REQUIRE(!memcmp(source->version, visited->text, len));
		REQUIRE(visited->len - len == (visited->text[visited->len - 1] == '\n'));
	}
	visited->num++;
	return types_document_add(type, &visited->document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sources sources = {};
	struct list left_out = {};
	struct visited visited = {};
	FILE *file;
	char *text;
	size_t len;

	if (!precheck)
		make_sysfs();
	visited.len = fill(data, size, &visited.text);

	file = open_memstream(&text, &len);
	REQUIRE(file);
	types_document_begin(&visited.document, file, 0);
	REQUIRE(!mdev_precheck_walk_types(precheck, NULL, NULL, require_type, &visited));
	REQUIRE(visited.num == 1);
	types_document_end(&visited.document, DONE, NULL, NULL);
	REQUIRE(!fclose(file));

	REQUIRE(valid_utf8(text) && strlen(text) == len);
	REQUIRE(!parse_sources(text, len, false, &sources, &left_out) && !left_out.num);
	REQUIRE(sources.num == 1);
	REQUIRE(same_text(sources.items[0]->type, "mtty-1"));
	REQUIRE(sources.items[0]->state == wanted_state(visited.text, visited.len));
	sources_free(&sources);
	free(text);
	return 0;
}

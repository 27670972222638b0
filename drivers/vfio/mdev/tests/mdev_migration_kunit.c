// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the migration version of mediated device types
 *
 * Each test sets the results of a vendor driver's callbacks, valid or invalid.
 * The driver is asked in two ways: through the functions that the attribute calls,
 * which can be called with each value of a rule, and through the attribute itself.
 * The suite mounts a sysfs for that, because it may run before userspace does.
 *
 * The limits are ABI: they are written out here, and not taken from the code
 * under test.
 */

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kmsg_dump.h>
#include <linux/limits.h>
#include <linux/mdev.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/ratelimit.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "../mdev_private.h"
#include "../trace.h"

/* Longest version string on any page size */
#define VERSION_MAX	4095

/* Longest string that sysfs delivers with its newline: 4094 on 4 KiB pages */
#define SHOWN_MAX	min_t(size_t, VERSION_MAX, PAGE_SIZE - 2)

/* Results of a callback: the last errno for userspace, and the range of the tests */
#define ERRNO_MAX	511
#define RESULTS_MAX	4096

/* Longest string that the tests try */
#define LENGTHS_MAX	4200

/* Byte of the page that show did not write; a version string cannot have it */
#define UNWRITTEN	0x01

#define OWN_VERSION	"1b36:0100-1.0"

enum { TYPE_VERSIONED, TYPE_SECOND, TYPE_OPTED_OUT, NR_TYPES };

/* A vendor driver and its parent, with the results and arguments of its callbacks */
struct vendor {
	struct mdev_driver drv;
	struct mdev_parent parent;
	bool parent_registered;
	struct device *dev;
	struct mdev_type types[NR_TYPES];
	struct mdev_type *type_list[NR_TYPES];

	/* string that show writes, and results of the callbacks */
	const char *shown;
	size_t shown_size;
	ssize_t show_result;
	int check_result;
	ssize_t description_result;
	int probe_result;

	/* number of calls, and the arguments of the last one */
	unsigned int shows;
	unsigned int checks;
	struct mdev_type *asked;
	size_t version_len;
	char version[VERSION_MAX + 1];
};

/* The vendor driver of each test, and a second one for a few tests */
static struct vendor *vendor;
static struct vendor *second;
static struct mdev_type *versioned;

/* The page that show writes to is the second of two */
static char *show_buf;
/* Buffer for other strings, which are too large for the stack */
static char *text;
static size_t text_size;

static struct vfsmount *sysfs_mnt;

/* Limit of the core, which the suite restores because the tests change it */
static int fault_interval;
static int fault_burst;

static struct vendor *to_vendor(const struct mdev_type *mtype)
{
	return container_of(mtype->parent->mdev_driver, struct vendor, drv);
}

static ssize_t vendor_show(struct mdev_type *mtype, char *buf)
{
	struct vendor *v = to_vendor(mtype);

	v->shows++;
	v->asked = mtype;
	memcpy(buf, v->shown, min_t(size_t, v->shown_size, PAGE_SIZE));
	return v->show_result;
}

static int vendor_check(struct mdev_type *mtype, const char *version)
{
	struct vendor *v = to_vendor(mtype);

	v->checks++;
	v->asked = mtype;
	v->version_len = strnlen(version, sizeof(v->version));
	memcpy(v->version, version, v->version_len);
	return v->check_result;
}

static ssize_t vendor_description(struct mdev_type *mtype, char *buf)
{
	memset(buf, 'd', PAGE_SIZE);
	return to_vendor(mtype)->description_result;
}

static int vendor_probe(struct mdev_device *mdev)
{
	return to_vendor(mdev->type)->probe_result;
}

/* Let show write @size bytes and return @size */
static void vendor_shows(struct vendor *v, const char *shown, size_t size)
{
	v->shows = 0;
	v->shown = shown;
	v->shown_size = size;
	v->show_result = size;
}

/* Let the core report one fault, and not another one for an hour */
static void forget_fault(void)
{
	ratelimit_state_init(&mdev_fault_limit, 60 * 60 * HZ, 1);
}

/* Was a fault reported since the last call?  The question uses a report up. */
static bool fault_reported(void)
{
	bool reported = !__ratelimit(&mdev_fault_limit);

	forget_fault();
	return reported;
}

static void vendor_reset(struct vendor *v)
{
	ratelimit_default_init(&v->parent.rejection_limit);
	vendor_shows(v, OWN_VERSION, strlen(OWN_VERSION));
	v->check_result = 0;
	v->description_result = 1;
	v->probe_result = 0;
	v->checks = 0;
	v->asked = NULL;
}

static void vendor_unregister_parent(struct vendor *v)
{
	if (v->parent_registered)
		mdev_unregister_parent(&v->parent);
	v->parent_registered = false;
}

static void vendor_destroy(struct vendor *v)
{
	vendor_unregister_parent(v);
	root_device_unregister(v->dev);
	mdev_unregister_driver(&v->drv);
	kfree(v);
}

/* The driver and its parent get @name; the driver has both callbacks or neither */
static struct vendor *vendor_create(const char *name, bool callbacks)
{
	struct vendor *v = kzalloc(sizeof(*v), GFP_KERNEL);
	int ret, i;

	if (!v)
		return ERR_PTR(-ENOMEM);

	v->drv.device_api = "none";
	v->drv.max_instances = 1;
	v->drv.probe = vendor_probe;
	v->drv.show_description = vendor_description;
	v->drv.driver.name = name;
	v->drv.driver.owner = THIS_MODULE;
	if (callbacks) {
		v->drv.show_migration_version = vendor_show;
		v->drv.check_migration_version = vendor_check;
	}
	v->types[TYPE_VERSIONED].sysfs_name = "versioned";
	v->types[TYPE_SECOND].sysfs_name = "second";
	v->types[TYPE_OPTED_OUT].sysfs_name = "opted_out";
	v->types[TYPE_OPTED_OUT].no_migration_version = true;
	for (i = 0; i < NR_TYPES; i++)
		v->type_list[i] = &v->types[i];
	vendor_reset(v);

	ret = mdev_register_driver(&v->drv);
	if (ret)
		goto err_free;

	v->dev = root_device_register(name);
	if (IS_ERR(v->dev)) {
		ret = PTR_ERR(v->dev);
		goto err_driver;
	}

	ret = mdev_register_parent(&v->parent, v->dev, &v->drv, v->type_list,
				   NR_TYPES);
	if (ret)
		goto err_device;
	v->parent_registered = true;

	return v;

err_device:
	root_device_unregister(v->dev);
err_driver:
	mdev_unregister_driver(&v->drv);
err_free:
	kfree(v);
	return ERR_PTR(ret);
}

/* mdev_migration_test_exit() destroys it, also after a failed assertion */
static void create_second(struct kunit *test, bool callbacks)
{
	struct vendor *v = vendor_create("mdev_kunit_2", callbacks);

	KUNIT_ASSERT_FALSE(test, IS_ERR(v));
	second = v;
}

/* Fill with printable bytes, in a pattern that differs at nearby lengths */
static void fill_printable(char *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = ' ' + (i + i / 95) % 95;
}

static bool printable(unsigned char byte)
{
	return byte >= 0x20 && byte <= 0x7e;
}

/* The copy has exactly @count bytes, so that KASAN reports a read beyond them */
static int check_exactly(struct kunit *test, const char *buf, size_t count)
{
	char *copy = kmemdup(buf, count, GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	vendor->checks = 0;
	ret = mdev_migration_check(versioned, copy, count);
	kfree(copy);
	return ret;
}

static void expect_asked(struct kunit *test, const char *version, size_t len)
{
	KUNIT_EXPECT_EQ(test, vendor->checks, 1);
	KUNIT_EXPECT_PTR_EQ(test, vendor->asked, versioned);
	KUNIT_EXPECT_EQ(test, vendor->version_len, len);
	KUNIT_EXPECT_TRUE(test, !memcmp(vendor->version, version, len));
}

/* The driver is asked about the first @len of the @count bytes, and accepts */
static void expect_accepted(struct kunit *test, const char *buf, size_t count,
			    size_t len)
{
	KUNIT_EXPECT_EQ_MSG(test, check_exactly(test, buf, count), 0,
			    "%zu bytes", count);
	expect_asked(test, buf, len);
}

static void expect_refused(struct kunit *test, const char *buf, size_t count,
			   int error)
{
	KUNIT_EXPECT_EQ_MSG(test, check_exactly(test, buf, count), error,
			    "%zu bytes", count);
	KUNIT_EXPECT_EQ_MSG(test, vendor->checks, 0, "%zu bytes", count);
	KUNIT_EXPECT_FALSE(test, fault_reported());
}

/* A newline in front of the page must not count as the end of a string */
static ssize_t show(void)
{
	char *page = show_buf + PAGE_SIZE;

	page[-1] = '\n';
	memset(page, UNWRITTEN, SHOWN_MAX + 2);
	return mdev_migration_show(versioned, page);
}

/* The driver shows @size bytes, and a read returns the first @len of them */
static void expect_shown(struct kunit *test, const char *shown, size_t size,
			 size_t len)
{
	char *page = show_buf + PAGE_SIZE;

	vendor_shows(vendor, shown, size);
	KUNIT_EXPECT_EQ_MSG(test, show(), len + 1, "%zu bytes", size);
	KUNIT_EXPECT_EQ(test, vendor->shows, 1);
	KUNIT_EXPECT_PTR_EQ(test, vendor->asked, versioned);
	KUNIT_EXPECT_TRUE(test, !memcmp(page, shown, len));
	KUNIT_EXPECT_EQ(test, page[len], '\n');
	KUNIT_EXPECT_EQ(test, page[len + 1], UNWRITTEN);
	KUNIT_EXPECT_FALSE(test, fault_reported());
}

static void expect_faulty_show(struct kunit *test, const char *shown,
			       size_t size)
{
	vendor_shows(vendor, shown, size);
	KUNIT_EXPECT_EQ_MSG(test, show(), -EIO, "%zu bytes", size);
	KUNIT_EXPECT_EQ(test, vendor->shows, 1);
	KUNIT_EXPECT_TRUE_MSG(test, fault_reported(), "%zu bytes",
			      size);
}

/* End of the log when log_mark() was called */
static struct kmsg_dump_iter log_start;

static void log_mark(struct kunit *test)
{
	size_t len;

	if (!IS_ENABLED(CONFIG_PRINTK))
		kunit_skip(test, "needs CONFIG_PRINTK");

	kmsg_dump_rewind(&log_start);
	while (kmsg_dump_get_line(&log_start, false, text, text_size, &len))
		;
}

/* Count the messages since log_mark() that have both texts */
static unsigned int log_count(const char *who, const char *what)
{
	struct kmsg_dump_iter iter = log_start;
	unsigned int found = 0;
	size_t len;

	while (kmsg_dump_get_line(&iter, false, text, text_size, &len))
		found += strnstr(text, who, len) && strnstr(text, what, len);
	return found;
}

/* Registration of a driver */

struct callbacks_case {
	const char *name;
	bool show;
	bool check;
	int registered;
};

static const struct callbacks_case callbacks_cases[] = {
	{ "none", false, false, 0 },
	{ "show", true, false, -EINVAL },
	{ "check", false, true, -EINVAL },
	{ "both", true, true, 0 },
};

static void callbacks_desc(const struct callbacks_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(callbacks, callbacks_cases, callbacks_desc);

static void driver_has_both_callbacks_or_neither(struct kunit *test)
{
	const struct callbacks_case *c = test->param_value;
	struct mdev_driver drv = {
		.device_api = "none",
		.driver = {
			.name = "mdev_kunit_half",
			.owner = THIS_MODULE,
		},
	};
	int ret;

	drv.show_migration_version = c->show ? vendor_show : NULL;
	drv.check_migration_version = c->check ? vendor_check : NULL;
	log_mark(test);
	ret = mdev_register_driver(&drv);
	if (!ret)
		mdev_unregister_driver(&drv);

	KUNIT_EXPECT_EQ(test, ret, c->registered);
	KUNIT_EXPECT_EQ(test,
			log_count("mdev driver mdev_kunit_half: ",
				  "and check_migration_version must be set together"),
			c->registered ? 1 : 0);
}

/* This rule is older than the callbacks */
static void driver_without_device_api_is_refused(struct kunit *test)
{
	struct mdev_driver drv = {
		.driver = {
			.name = "mdev_kunit_no_api",
			.owner = THIS_MODULE,
		},
	};

	KUNIT_EXPECT_EQ(test, mdev_register_driver(&drv), -EINVAL);
}

/* Each byte, at the beginning, in the middle and at the end of a line */

static u8 byte_values[256];

static void byte_desc(u8 *byte, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "byte 0x%02x", *byte);
}

KUNIT_ARRAY_PARAM(byte, byte_values, byte_desc);

/* A line in which the byte under test replaces the '?' */
struct byte_line {
	size_t at;
	char line[6];
	size_t size;
};

static const struct byte_line byte_lines[] = {
	{ 0, "?", 1 },
	{ 0, "?\n", 2 },
	{ 0, "?abc", 4 },
	{ 2, "ab?cd", 5 },
	{ 2, "ab?cd\n", 6 },
	{ 3, "abc?", 4 },
	{ 3, "abc?\n", 5 },
};

/* Put @byte into the line, and return the length of its string, 0 if invalid */
static size_t byte_line_set(struct byte_line *l, unsigned char byte)
{
	l->line[l->at] = byte;
	if (l->line[l->size - 1] != '\n')
		return printable(byte) ? l->size : 0;
	if (byte == '\n' && l->at == l->size - 1)
		return l->at;
	return printable(byte) ? l->size - 1 : 0;
}

static void check_takes_printable_bytes_only(struct kunit *test)
{
	const u8 *byte = test->param_value;
	struct byte_line l;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(byte_lines); i++) {
		l = byte_lines[i];
		len = byte_line_set(&l, *byte);
		if (len)
			expect_accepted(test, l.line, l.size, len);
		else
			expect_refused(test, l.line, l.size, -EINVAL);
	}
}

static void show_takes_printable_bytes_only(struct kunit *test)
{
	const u8 *byte = test->param_value;
	struct byte_line l;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(byte_lines); i++) {
		l = byte_lines[i];
		len = byte_line_set(&l, *byte);
		if (len)
			expect_shown(test, l.line, l.size, len);
		else
			expect_faulty_show(test, l.line, l.size);
	}
}

static void check_finds_a_forbidden_byte_anywhere(struct kunit *test)
{
	size_t i;

	fill_printable(text, VERSION_MAX);
	for (i = 0; i < VERSION_MAX; i++) {
		char byte = text[i];

		/* A newline is valid at the end, so put a NUL there */
		text[i] = i < VERSION_MAX - 1 ? '\n' : '\0';
		vendor->checks = 0;
		KUNIT_EXPECT_EQ_MSG(test,
				    mdev_migration_check(versioned, text,
							 VERSION_MAX),
				    -EINVAL, "byte %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, vendor->checks, 0, "byte %zu", i);
		text[i] = byte;
	}
}

static void show_finds_a_forbidden_byte_anywhere(struct kunit *test)
{
	size_t i;

	fill_printable(text, SHOWN_MAX);
	vendor_shows(vendor, text, SHOWN_MAX);
	for (i = 0; i < SHOWN_MAX; i++) {
		char byte = text[i];

		text[i] = i < SHOWN_MAX - 1 ? '\n' : '\0';
		KUNIT_EXPECT_EQ_MSG(test, show(), -EIO, "byte %zu", i);
		text[i] = byte;
	}
}

/* Each length */

static u16 lengths[LENGTHS_MAX + 1];

static void length_desc(u16 *length, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u characters", *length);
}

KUNIT_ARRAY_PARAM(length, lengths, length_desc);

static void check_takes_1_to_4095_characters(struct kunit *test)
{
	size_t len = *(const u16 *)test->param_value;
	int newline;

	fill_printable(text, len);
	text[len] = '\n';
	for (newline = 0; newline <= 1; newline++) {
		if (!len)
			expect_refused(test, text, len + newline, -EINVAL);
		else if (len > VERSION_MAX)
			expect_refused(test, text, len + newline, -E2BIG);
		else
			expect_accepted(test, text, len + newline, len);
	}
}

static void show_takes_strings_that_can_be_read(struct kunit *test)
{
	size_t len = *(const u16 *)test->param_value;
	int newline;

	fill_printable(text, len);
	text[len] = '\n';
	for (newline = 0; newline <= 1; newline++) {
		if (len && len <= SHOWN_MAX)
			expect_shown(test, text, len + newline, len);
		else
			expect_faulty_show(test, text, len + newline);
	}
}

/* The string and its newline must fit into a page of any size */
static void show_takes_strings_that_fit_into_a_page(struct kunit *test)
{
	size_t size;

	fill_printable(text, PAGE_SIZE + 16);
	for (size = PAGE_SIZE - 16; size <= PAGE_SIZE + 16; size++) {
		char byte = text[size - 1];

		if (size <= SHOWN_MAX)
			expect_shown(test, text, size, size);
		else
			expect_faulty_show(test, text, size);

		text[size - 1] = '\n';
		if (size - 1 <= SHOWN_MAX)
			expect_shown(test, text, size, size - 1);
		else
			expect_faulty_show(test, text, size);
		text[size - 1] = byte;
	}
}

/* Lines that have one string, and others */

struct line_case {
	const char *name;
	const char *line;
	size_t size;
	/* Length of the string in the line, 0 if invalid */
	size_t len;
};

#define LINE(line, len)	{ #line, line, sizeof(line) - 1, len }

static const struct line_case line_cases[] = {
	LINE("", 0),
	LINE("\n", 0),
	LINE("\n\n", 0),
	LINE("\0", 0),
	LINE("\0\n", 0),
	LINE("\n\0", 0),
	LINE("\r\n", 0),
	LINE(" ", 1),
	LINE("\x20\n", 1),
	LINE("a", 1),
	LINE("a\n", 1),
	LINE("a\n\n", 0),
	LINE("a\n\n\n", 0),
	LINE("\na", 0),
	LINE("\na\n", 0),
	LINE("a\nb", 0),
	LINE("a\nb\n", 0),
	LINE("a\r", 0),
	LINE("a\r\n", 0),
	LINE("a\n\r", 0),
	LINE("a\0", 0),
	LINE("a\0\n", 0),
	LINE("a\n\0", 0),
	LINE("a\0b", 0),
	LINE("\0a", 0),
	LINE("a\tb", 0),
	LINE(" a b ", 5),
	LINE(" a b\x20\n", 5),
	LINE("\\n", 2),
	LINE("%s%n", 4),
	LINE("\xc3\xa4", 0),
};

static void line_desc(const struct line_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(line, line_cases, line_desc);

static void check_takes_one_line_only(struct kunit *test)
{
	const struct line_case *c = test->param_value;

	if (c->len)
		expect_accepted(test, c->line, c->size, c->len);
	else
		expect_refused(test, c->line, c->size, -EINVAL);
}

static void show_takes_one_line_only(struct kunit *test)
{
	const struct line_case *c = test->param_value;

	if (c->len)
		expect_shown(test, c->line, c->size, c->len);
	else
		expect_faulty_show(test, c->line, c->size);
}

/* A newline in front of the buffer is not part of the string */
static void check_reads_count_bytes(struct kunit *test)
{
	static const char buf[] = "\nabc";

	vendor->checks = 0;
	KUNIT_EXPECT_EQ(test, mdev_migration_check(versioned, buf + 1, 3), 0);
	expect_asked(test, "abc", 3);

	vendor->checks = 0;
	KUNIT_EXPECT_EQ(test, mdev_migration_check(versioned, buf + 1, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, vendor->checks, 0);
}

/* Results of the callbacks */

static bool errno_for_userspace(int result)
{
	return result >= -ERRNO_MAX && result <= -1;
}

/* The log does not have room for a report of each result: watch some of them */
static bool watch_fault(int result)
{
	bool watched = abs(result) < ERRNO_MAX + 30 || !(result % 32);

	ratelimit_state_init(&mdev_fault_limit, 60 * 60 * HZ, watched);
	return watched;
}

static void check_passes_on_valid_results_only(struct kunit *test)
{
	bool valid, watched;
	int result;

	for (result = -RESULTS_MAX; result <= RESULTS_MAX; result++) {
		valid = !result || errno_for_userspace(result);
		watched = watch_fault(result);
		vendor->check_result = result;
		KUNIT_EXPECT_EQ_MSG(test, check_exactly(test, "abc\n", 4),
				    valid ? result : -EIO, "check returns %d",
				    result);
		expect_asked(test, "abc", 3);
		if (watched)
			KUNIT_EXPECT_EQ_MSG(test, fault_reported(),
					    !valid, "check returns %d", result);
	}
}

/* The page is full of printable bytes, so each length is a version string */
static void show_passes_on_valid_results_only(struct kunit *test)
{
	ssize_t result, expected;
	bool watched;

	fill_printable(text, PAGE_SIZE);
	for (result = -RESULTS_MAX; result <= RESULTS_MAX; result++) {
		expected = -EIO;
		if (errno_for_userspace(result))
			expected = result;
		else if (result >= 1 && result <= (ssize_t)SHOWN_MAX)
			expected = result + 1;

		watched = watch_fault(result);
		vendor_shows(vendor, text, PAGE_SIZE);
		vendor->show_result = result;
		KUNIT_EXPECT_EQ_MSG(test, show(), expected, "show returns %zd",
				    result);
		KUNIT_EXPECT_EQ(test, vendor->shows, 1);
		if (watched)
			KUNIT_EXPECT_EQ_MSG(test, fault_reported(),
					    expected == -EIO && result != -EIO,
					    "show returns %zd", result);
	}
}

/* With a signal pending, a callback may let the system call restart */
static void interrupted_system_call_can_be_restarted(struct kunit *test)
{
	bool passes;
	ssize_t ret;
	int result;

	for (result = -ERRNO_MAX - 30; result <= -ERRNO_MAX; result++) {
		passes = result == -ERESTARTSYS || result == -ERESTARTNOINTR ||
			   errno_for_userspace(result);

		vendor->check_result = result;
		set_thread_flag(TIF_SIGPENDING);
		ret = check_exactly(test, "abc", 3);
		clear_thread_flag(TIF_SIGPENDING);
		KUNIT_EXPECT_EQ_MSG(test, ret, passes ? result : -EIO,
				    "check returns %d", result);
		KUNIT_EXPECT_EQ_MSG(test, fault_reported(),
				    !passes, "check returns %d", result);

		vendor->show_result = result;
		set_thread_flag(TIF_SIGPENDING);
		ret = show();
		clear_thread_flag(TIF_SIGPENDING);
		KUNIT_EXPECT_EQ_MSG(test, ret, passes ? result : -EIO,
				    "show returns %d", result);
		KUNIT_EXPECT_EQ_MSG(test, fault_reported(),
				    !passes, "show returns %d", result);
	}
}

static const int faulty_checks[] = {
	1, 2, 3, 4, 5, 22, 255, 256, 4094, 4095, 4096, 65536, INT_MAX - 1,
	INT_MAX, -4096, -4097, -65536, INT_MIN + 1, INT_MIN,
};

static void faulty_check_desc(const int *result, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "check returns %d", *result);
}

KUNIT_ARRAY_PARAM(faulty_check, faulty_checks, faulty_check_desc);

static void invalid_result_of_check_is_eio(struct kunit *test)
{
	vendor->check_result = *(const int *)test->param_value;
	KUNIT_EXPECT_EQ(test, check_exactly(test, "abc\n", 4), -EIO);
	expect_asked(test, "abc", 3);
	KUNIT_EXPECT_TRUE(test, fault_reported());
}

/*
 * Results that are not the length of a string.  On 64 bits, the lower half of some
 * of these would be a valid length or an errno.
 */
static const ssize_t faulty_shows[] = {
	0, PAGE_SIZE, PAGE_SIZE + 1, 2 * PAGE_SIZE, INT_MAX, LONG_MAX - 1,
	LONG_MAX, LONG_MAX / 2 + 6, -4096, -4097, -65536, INT_MIN,
	LONG_MIN / 2 - 5, LONG_MIN / 2 + 5, LONG_MIN + 5, LONG_MIN + 1,
	LONG_MIN,
};

static void faulty_show_desc(const ssize_t *result, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "show returns %zd", *result);
}

KUNIT_ARRAY_PARAM(faulty_show, faulty_shows, faulty_show_desc);

static void invalid_result_of_show_is_eio(struct kunit *test)
{
	fill_printable(text, PAGE_SIZE);
	vendor_shows(vendor, text, PAGE_SIZE);
	vendor->show_result = *(const ssize_t *)test->param_value;
	KUNIT_EXPECT_EQ(test, show(), -EIO);
	KUNIT_EXPECT_TRUE(test, fault_reported());
}

/* Messages in the kernel log */

/* Show fails, and the log has one line about it, which ends with @fault */
static void expect_show_reported(struct kunit *test, const char *fault)
{
	char what[128];

	snprintf(what, sizeof(what), "show_migration_version returned %s\n",
		 fault);
	log_mark(test);
	forget_fault();
	KUNIT_EXPECT_EQ_MSG(test, show(), -EIO, "%s", fault);
	KUNIT_EXPECT_EQ_MSG(test,
			    log_count("mdev_kunit: mdev driver mdev_kunit, type -versioned: ",
				      what),
			    1, "%s", fault);
	KUNIT_EXPECT_EQ(test, log_count("mdev driver mdev_kunit", ""), 1);
}

static void empty_string_is_reported(struct kunit *test)
{
	vendor_shows(vendor, "", 0);
	expect_show_reported(test, "an empty string");
	vendor_shows(vendor, "\n", 1);
	expect_show_reported(test, "an empty string");
}

/* The driver shows @size bytes, of which the last is a newline if @newline is set */
static void expect_long_show_reported(struct kunit *test, char *shown,
				      size_t size, bool newline)
{
	char fault[80];

	if (newline)
		shown[size - 1] = '\n';
	snprintf(fault, sizeof(fault),
		 "a string of %zu characters, at most %zu are allowed",
		 size - newline, SHOWN_MAX);
	vendor_shows(vendor, shown, size);
	expect_show_reported(test, fault);
}

static void long_string_is_reported_with_its_length(struct kunit *test)
{
	char *shown = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shown);
	fill_printable(shown, PAGE_SIZE);
	expect_long_show_reported(test, shown, SHOWN_MAX + 1, false);
	expect_long_show_reported(test, shown, PAGE_SIZE - 1, false);
	expect_long_show_reported(test, shown, PAGE_SIZE, false);
	expect_long_show_reported(test, shown, SHOWN_MAX + 2, true);
	expect_long_show_reported(test, shown, PAGE_SIZE, true);

	/* A byte that is not valid does not hide the length */
	shown[0] = '\t';
	expect_long_show_reported(test, shown, PAGE_SIZE, true);
}

/* A length as snprintf() returns it can exceed the page, which is not read then */
static void length_beyond_a_page_is_reported_as_a_number(struct kunit *test)
{
	char fault[64];

	vendor_shows(vendor, OWN_VERSION, strlen(OWN_VERSION));
	vendor->show_result = PAGE_SIZE + 1;
	snprintf(fault, sizeof(fault), "an invalid answer (%zd)",
		 vendor->show_result);
	expect_show_reported(test, fault);
}

struct bad_byte_case {
	const char *name;
	const char *line;
	size_t size;
	size_t at;
	unsigned char byte;
};

#define BAD_BYTE(line, at, byte)	{ #line, line, sizeof(line) - 1, at, byte }

static const struct bad_byte_case bad_byte_cases[] = {
	BAD_BYTE("\0", 0, 0x00),
	BAD_BYTE("\n\n", 0, 0x0a),
	BAD_BYTE("\na", 0, 0x0a),
	BAD_BYTE("a\n\n", 1, 0x0a),
	BAD_BYTE("ab\ncd\n", 2, 0x0a),
	BAD_BYTE("abc\0", 3, 0x00),
	BAD_BYTE("abc\n\0", 3, 0x0a),
	BAD_BYTE("ab\0cd\n", 2, 0x00),
	BAD_BYTE("abcd\r\n", 4, 0x0d),
	BAD_BYTE("a\tb\x01", 1, 0x09),
	BAD_BYTE("a\xc3\xa4", 1, 0xc3),
};

static void bad_byte_desc(const struct bad_byte_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bad_byte, bad_byte_cases, bad_byte_desc);

static void expect_bad_byte_reported(struct kunit *test, size_t at,
				     unsigned char byte)
{
	char fault[96];

	snprintf(fault, sizeof(fault),
		 "a string whose byte %zu (counted from 0) is 0x%02x, expected 0x20 to 0x7e",
		 at, byte);
	expect_show_reported(test, fault);
}

static void first_forbidden_byte_is_reported(struct kunit *test)
{
	const struct bad_byte_case *c = test->param_value;

	vendor_shows(vendor, c->line, c->size);
	expect_bad_byte_reported(test, c->at, c->byte);
}

/* The driver chooses the bytes, so that the log must not have any of them */
static void forbidden_byte_is_reported_as_a_number(struct kunit *test)
{
	unsigned char byte = *(const u8 *)test->param_value;
	char shown[] = "FORGED?FORGED";

	shown[6] = byte;
	vendor_shows(vendor, shown, sizeof(shown) - 1);
	if (printable(byte))
		return;
	expect_bad_byte_reported(test, 6, byte);
	KUNIT_EXPECT_EQ(test, log_count("FORGED", ""), 0);
}

static void fault_of_a_driver_is_reported(struct kunit *test)
{
	log_mark(test);
	vendor->show_result = -EIOCBQUEUED;
	KUNIT_EXPECT_EQ(test, show(), -EIO);
	KUNIT_EXPECT_EQ(test,
			log_count("mdev_kunit: mdev driver mdev_kunit, type -versioned: show_",
				  "_version returned an invalid answer (-529)"),
			1);
	forget_fault();
	vendor->check_result = 4711;
	KUNIT_EXPECT_EQ(test, check_exactly(test, "abc", 3), -EIO);
	KUNIT_EXPECT_EQ(test,
			log_count("mdev_kunit: mdev driver mdev_kunit, type -versioned: check_",
				  "_version returned an invalid answer (4711)"),
			1);
	KUNIT_EXPECT_EQ(test, log_count("mdev driver mdev_kunit", ""), 2);
}

/* Any reader of the attribute can cause a fault, but must not fill the log */
static void fault_reports_are_limited(struct kunit *test)
{
	static const char line[] = "abc";
	int i;

	create_second(test, true);
	log_mark(test);
	KUNIT_EXPECT_EQ(test, fault_interval, 60 * 60 * HZ);
	ratelimit_state_init(&mdev_fault_limit, fault_interval, fault_burst);
	second->show_result = 0;
	second->check_result = 1;
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test,
				mdev_migration_show(&second->types[TYPE_SECOND],
						    show_buf),
				-EIO);
		KUNIT_EXPECT_EQ(test,
				mdev_migration_check(&second->types[TYPE_SECOND],
						     line, strlen(line)),
				-EIO);
	}
	KUNIT_EXPECT_EQ(test, log_count("mdev driver mdev_kunit_2", ""), 10);

	/* All parents share the limit: a fault of another one is not reported */
	vendor->check_result = 1;
	KUNIT_EXPECT_EQ(test, check_exactly(test, "abc", 3), -EIO);
	KUNIT_EXPECT_EQ(test, log_count("mdev driver mdev_kunit, ", ""), 0);
}

static void verdict_is_not_reported_as_a_fault(struct kunit *test)
{
	log_mark(test);
	KUNIT_EXPECT_EQ(test, check_exactly(test, "abc", 3), 0);
	vendor->check_result = -EXDEV;
	KUNIT_EXPECT_EQ(test, check_exactly(test, "abc", 3), -EXDEV);
	KUNIT_EXPECT_EQ(test, check_exactly(test, "a\tb", 3), -EINVAL);
	vendor->show_result = -EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, show(), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, log_count("mdev_kunit", " returned "), 0);
}

static void rejection_is_logged(struct kunit *test)
{
	log_mark(test);
	mdev_migration_version_rejected(versioned, "a-1", "too new");
	mdev_migration_version_rejected(&vendor->types[TYPE_SECOND], "b-2",
					"%s %d.%d", "not", 4, 2);
	KUNIT_EXPECT_EQ(test,
			log_count("mdev_kunit: type -versioned: ",
				  "migration version \"a-1\" rejected: too new"),
			1);
	KUNIT_EXPECT_EQ(test,
			log_count("mdev_kunit: type -second: ",
				  "migration version \"b-2\" rejected: not 4.2"),
			1);
	KUNIT_EXPECT_EQ(test, log_count("mdev_kunit", "rejected: "), 2);
}

static void logged_rejection_has_256_characters(struct kunit *test)
{
	char version[300], line[320];

	fill_printable(version, sizeof(version));
	memset(version, 'x', 2);
	version[sizeof(version) - 1] = '\0';
	snprintf(line, sizeof(line), "\"%.256s\" rejected: cut", version);
	log_mark(test);
	mdev_migration_version_rejected(versioned, version, "cut");
	KUNIT_EXPECT_EQ(test, log_count("mdev_kunit", line), 1);

	version[256] = '\0';
	log_mark(test);
	mdev_migration_version_rejected(versioned, version, "cut");
	KUNIT_EXPECT_EQ(test, log_count("mdev_kunit", line), 1);
}

/* Rejections of one parent must not use up the lines of another one */
static void logged_rejections_of_a_parent_are_limited(struct kunit *test)
{
	int i;

	create_second(test, true);
	KUNIT_EXPECT_EQ(test, vendor->parent.rejection_limit.interval,
			DEFAULT_RATELIMIT_INTERVAL);
	vendor->parent.rejection_limit.interval = 60 * 60 * HZ;
	log_mark(test);
	for (i = 0; i < 100; i++)
		mdev_migration_version_rejected(versioned, "a-1", "too new");
	mdev_migration_version_rejected(&second->types[TYPE_VERSIONED], "a-1",
					"too new");
	KUNIT_EXPECT_EQ(test, log_count("mdev_kunit: ", "rejected: too new"),
			10);
	KUNIT_EXPECT_EQ(test, log_count("mdev_kunit_2: ", "rejected: too new"),
			1);
}

/* Events of the tracepoint */

struct traced {
	unsigned int events;
	const struct mdev_type *mtype;
	size_t len;
	char version[8];
	int result;
};

static void probe_check(void *data, const struct mdev_type *mtype,
			const char *version, size_t len, int result)
{
	struct traced *traced = data;

	traced->events++;
	traced->mtype = mtype;
	traced->len = len;
	memcpy(traced->version, version, min(len, sizeof(traced->version)));
	traced->result = result;
}

static void check_is_traced(struct kunit *test)
{
	static const struct {
		const char *line;
		size_t size;
		size_t len;
		int answer;
		int result;
		bool signal;
	} checks[] = {
		{ "abc", 3, 3, 0, 0 },
		{ "abcd\n", 5, 4, 0, 0 },
		{ "abc", 3, 3, -EXDEV, -EXDEV },
		{ "abc", 3, 3, -ERRNO_MAX, -ERRNO_MAX },
		{ "abc", 3, 3, 1, -EIO },
		{ "abc", 3, 3, -EIOCBQUEUED, -EIO },
		{ "abc", 3, 3, -ERESTARTSYS, -EIO },
		{ "abc", 3, 3, -ERESTARTNOINTR, -EIO },
		{ "abc", 3, 3, -ERESTARTSYS, -EINTR, true },
		{ "abc", 3, 3, -ERESTARTNOINTR, -EINTR, true },
		{ "abc", 3, 3, -ERESTARTNOHAND, -EIO, true },
		{ "a\tb", 3, 3, 0, -EINVAL },
		{ "ab\n\n", 4, 4, 0, -EINVAL },
		{ "\n", 1, 1, 0, -EINVAL },
		{ "", 0, 0, 0, -EINVAL },
	};
	struct traced traced = {};
	int ret, i;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "needs CONFIG_TRACEPOINTS");

	ret = register_trace_mdev_migration_check(probe_check, &traced);
	KUNIT_ASSERT_EQ(test, ret, 0);
	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		traced = (struct traced){};
		vendor->check_result = checks[i].answer;
		if (checks[i].signal)
			set_thread_flag(TIF_SIGPENDING);
		check_exactly(test, checks[i].line, checks[i].size);
		clear_thread_flag(TIF_SIGPENDING);
		KUNIT_EXPECT_EQ_MSG(test, traced.events, 1, "check %d", i);
		KUNIT_EXPECT_PTR_EQ(test, traced.mtype, versioned);
		KUNIT_EXPECT_EQ_MSG(test, traced.len, checks[i].len,
				    "check %d", i);
		KUNIT_EXPECT_TRUE(test, !memcmp(traced.version, checks[i].line,
						checks[i].len));
		KUNIT_EXPECT_EQ_MSG(test, traced.result, checks[i].result,
				    "check %d", i);
	}
	unregister_trace_mdev_migration_check(probe_check, &traced);
	tracepoint_synchronize_unregister();
}

/* The attribute, as a process sees it in sysfs */

static struct file *type_open(const struct mdev_type *mtype, const char *name,
			      int flags)
{
	char path[128];

	snprintf(path, sizeof(path),
		 "class/mdev_bus/%s/mdev_supported_types/%s/%s",
		 dev_name(mtype->parent->dev), kobject_name(&mtype->kobj),
		 name);
	return file_open_root_mnt(sysfs_mnt, path, flags, 0);
}

static int attribute_exists(const struct mdev_type *mtype)
{
	struct file *file = type_open(mtype, "migration_version", O_RDONLY);

	if (IS_ERR(file))
		return PTR_ERR(file);
	fput(file);
	return 0;
}

static ssize_t attribute_read(const struct mdev_type *mtype, char *buf,
			      size_t size)
{
	struct file *file = type_open(mtype, "migration_version", O_RDONLY);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_read(file, buf, size, &pos);
	fput(file);
	return ret;
}

static ssize_t attribute_write(const struct mdev_type *mtype, const char *name,
			       const char *buf, size_t count)
{
	struct file *file = type_open(mtype, name, O_WRONLY);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, buf, count, &pos);
	fput(file);
	return ret;
}

static ssize_t version_write(const struct mdev_type *mtype, const char *buf,
			     size_t count)
{
	return attribute_write(mtype, "migration_version", buf, count);
}

/* The names in a directory except "." and ".." */
struct listing {
	struct dir_context ctx;
	unsigned int nr;
	char names[16][32];
};

static bool listing_add(struct dir_context *ctx, const char *name, int len,
			loff_t offset, u64 ino, unsigned int type)
{
	struct listing *l = container_of(ctx, struct listing, ctx);

	if (name[0] == '.')
		return true;
	if (l->nr == ARRAY_SIZE(l->names) || len >= sizeof(l->names[0]))
		return false;
	memcpy(l->names[l->nr++], name, len);
	return true;
}

static bool listing_has(const struct listing *l, const char *name)
{
	unsigned int i;

	for (i = 0; i < l->nr; i++)
		if (!strcmp(l->names[i], name))
			return true;
	return false;
}

static struct listing *list_type(struct kunit *test,
				 const struct mdev_type *mtype)
{
	struct listing *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	struct file *file;

	KUNIT_ASSERT_NOT_NULL(test, l);
	file = type_open(mtype, ".", O_RDONLY | O_DIRECTORY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	l->ctx.actor = listing_add;
	KUNIT_EXPECT_EQ(test, iterate_dir(file, &l->ctx), 0);
	fput(file);
	return l;
}

/* @with has the attribute and is otherwise the same as @without */
static void expect_attribute_alone_differs(struct kunit *test,
					   const struct listing *with,
					   const struct listing *without)
{
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, listing_has(with, "migration_version"));
	KUNIT_EXPECT_FALSE(test, listing_has(without, "migration_version"));
	KUNIT_EXPECT_TRUE(test, listing_has(without, "create"));
	KUNIT_EXPECT_EQ(test, with->nr, without->nr + 1);
	for (i = 0; i < without->nr; i++)
		KUNIT_EXPECT_TRUE_MSG(test,
				      listing_has(with, without->names[i]),
				      "%s", without->names[i]);
}

static void attribute_exists_with_callbacks(struct kunit *test)
{
	struct file *file;

	KUNIT_EXPECT_EQ(test, attribute_exists(versioned), 0);
	KUNIT_EXPECT_EQ(test, attribute_exists(&vendor->types[TYPE_SECOND]), 0);

	file = type_open(versioned, "migration_version", O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, file_inode(file)->i_mode, S_IFREG | 0644);
	fput(file);
	KUNIT_EXPECT_EQ(test, vendor->shows + vendor->checks, 0);
}

static void attribute_is_absent_if_type_opted_out(struct kunit *test)
{
	struct mdev_type *opted_out = &vendor->types[TYPE_OPTED_OUT];

	KUNIT_EXPECT_EQ(test, attribute_exists(opted_out), -ENOENT);
	expect_attribute_alone_differs(test, list_type(test, versioned),
				       list_type(test, opted_out));
}

/* A parent that is registered before its driver has types before the driver is refused */
static void attribute_exists_only_with_both_callbacks(struct kunit *test)
{
	const struct callbacks_case *c = test->param_value;
	struct vendor *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, v);
	v->drv.device_api = "none";
	v->drv.driver.name = "mdev_kunit_half";
	v->drv.show_migration_version = c->show ? vendor_show : NULL;
	v->drv.check_migration_version = c->check ? vendor_check : NULL;
	v->types[0].sysfs_name = "versioned";
	v->type_list[0] = &v->types[0];
	v->dev = root_device_register("mdev_kunit_half");
	KUNIT_ASSERT_FALSE(test, IS_ERR(v->dev));

	ret = mdev_register_parent(&v->parent, v->dev, &v->drv, v->type_list, 1);
	KUNIT_EXPECT_EQ(test, ret, 0);
	if (!ret) {
		KUNIT_EXPECT_EQ(test, attribute_exists(&v->types[0]),
				c->show && c->check ? 0 : -ENOENT);
		mdev_unregister_parent(&v->parent);
	}
	root_device_unregister(v->dev);
}

static void attribute_is_absent_without_callbacks(struct kunit *test)
{
	struct mdev_type *type;
	int i;

	create_second(test, false);
	for (i = 0; i < NR_TYPES; i++) {
		type = &second->types[i];
		KUNIT_EXPECT_EQ(test, attribute_exists(type), -ENOENT);
		expect_attribute_alone_differs(test, list_type(test, versioned),
					       list_type(test, type));
	}
}

static void attribute_read_asks_show(struct kunit *test)
{
	ssize_t ret;

	ret = attribute_read(versioned, text, text_size);
	KUNIT_EXPECT_EQ(test, ret, strlen(OWN_VERSION) + 1);
	KUNIT_EXPECT_TRUE(test, !strncmp(text, OWN_VERSION "\n", ret));
	KUNIT_EXPECT_PTR_EQ(test, vendor->asked, versioned);

	vendor_shows(vendor, OWN_VERSION "\n", strlen(OWN_VERSION) + 1);
	ret = attribute_read(&vendor->types[TYPE_SECOND], text, text_size);
	KUNIT_EXPECT_EQ(test, ret, strlen(OWN_VERSION) + 1);
	KUNIT_EXPECT_TRUE(test, !strncmp(text, OWN_VERSION "\n", ret));
	KUNIT_EXPECT_EQ(test, vendor->shows, 1);
	KUNIT_EXPECT_PTR_EQ(test, vendor->asked, &vendor->types[TYPE_SECOND]);
	KUNIT_EXPECT_EQ(test, vendor->checks, 0);
}

static void attribute_read_fails_if_show_fails(struct kunit *test)
{
	vendor->show_result = -EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, attribute_read(versioned, text, text_size),
			-EOPNOTSUPP);
	vendor_shows(vendor, "a\tb", 3);
	KUNIT_EXPECT_EQ(test, attribute_read(versioned, text, text_size), -EIO);
	vendor_shows(vendor, "", 0);
	KUNIT_EXPECT_EQ(test, attribute_read(versioned, text, text_size), -EIO);
}

/* sysfs itself would cut a longer string and let the read succeed */
static void attribute_read_is_at_most_a_page(struct kunit *test)
{
	char *shown = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shown);
	fill_printable(shown, PAGE_SIZE);
	vendor_shows(vendor, shown, SHOWN_MAX);
	KUNIT_EXPECT_EQ(test, attribute_read(versioned, text, text_size),
			SHOWN_MAX + 1);
	KUNIT_EXPECT_TRUE(test, !memcmp(text, shown, SHOWN_MAX));
	KUNIT_EXPECT_EQ(test, text[SHOWN_MAX], '\n');

	vendor_shows(vendor, shown, SHOWN_MAX + 1);
	KUNIT_EXPECT_EQ(test, attribute_read(versioned, text, text_size), -EIO);
	vendor_shows(vendor, shown, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, attribute_read(versioned, text, text_size), -EIO);
}

static void attribute_write_asks_check(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, version_write(versioned, "abc", 3), 3);
	expect_asked(test, "abc", 3);

	vendor->checks = 0;
	KUNIT_EXPECT_EQ(test, version_write(versioned, "abcd\n", 5), 5);
	expect_asked(test, "abcd", 4);

	KUNIT_EXPECT_EQ(test, version_write(&vendor->types[TYPE_SECOND], "b", 1),
			1);
	KUNIT_EXPECT_PTR_EQ(test, vendor->asked, &vendor->types[TYPE_SECOND]);
	KUNIT_EXPECT_EQ(test, vendor->shows, 0);
}

static void attribute_write_fails_if_check_fails(struct kunit *test)
{
	vendor->check_result = -EPROTONOSUPPORT;
	KUNIT_EXPECT_EQ(test, version_write(versioned, "abc\n", 4),
			-EPROTONOSUPPORT);
	vendor->check_result = 2;
	KUNIT_EXPECT_EQ(test, version_write(versioned, "abc\n", 4), -EIO);
	KUNIT_EXPECT_EQ(test, vendor->checks, 2);

	vendor->check_result = 0;
	KUNIT_EXPECT_EQ(test, version_write(versioned, "\n", 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, version_write(versioned, "abc\n\n", 5), -EINVAL);
	KUNIT_EXPECT_EQ(test, version_write(versioned, "abc\0", 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, vendor->checks, 2);
}

/* This success is not an answer, because the driver was not asked */
static void attribute_write_of_nothing_succeeds(struct kunit *test)
{
	vendor->check_result = -EXDEV;
	KUNIT_EXPECT_EQ(test, version_write(versioned, "", 0), 0);
	KUNIT_EXPECT_EQ(test, vendor->checks, 0);
}

static void attribute_write_is_not_cut(struct kunit *test)
{
	fill_printable(text, text_size);
	KUNIT_EXPECT_EQ(test, version_write(versioned, text, VERSION_MAX),
			VERSION_MAX);
	expect_asked(test, text, VERSION_MAX);

	vendor->checks = 0;
	KUNIT_EXPECT_EQ(test, version_write(versioned, text, VERSION_MAX + 1),
			-E2BIG);
	KUNIT_EXPECT_EQ(test, version_write(versioned, text, text_size),
			-E2BIG);
	text[text_size - 1] = '\n';
	KUNIT_EXPECT_EQ(test, version_write(versioned, text, text_size),
			-E2BIG);
	KUNIT_EXPECT_EQ(test, vendor->checks, 0);

	text[VERSION_MAX] = '\n';
	KUNIT_EXPECT_EQ(test, version_write(versioned, text, VERSION_MAX + 1),
			VERSION_MAX + 1);
	expect_asked(test, text, VERSION_MAX);
}

/* A device has a link to its type, whose attribute works as without a device */
static void device_has_the_attribute_of_its_type(struct kunit *test)
{
	static const char uuid[] = "a8b1c7d2-4f60-4c3e-9a57-0d2e6b1f3c94";
	struct mdev_type *type;
	struct file *file;
	char path[128];
	loff_t pos = 0;

	create_second(test, true);
	type = &second->types[TYPE_VERSIONED];
	KUNIT_ASSERT_EQ(test,
			attribute_write(type, "create", uuid, strlen(uuid)),
			strlen(uuid));
	snprintf(path, sizeof(path),
		 "bus/mdev/devices/%s/mdev_type/migration_version", uuid);
	file = file_open_root_mnt(sysfs_mnt, path, O_RDWR, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, kernel_read(file, text, text_size, &pos),
			strlen(OWN_VERSION) + 1);
	pos = 0;
	KUNIT_EXPECT_EQ(test, kernel_write(file, "abc", 3, &pos), 3);
	fput(file);
	KUNIT_EXPECT_EQ(test, second->shows, 1);
	KUNIT_EXPECT_EQ(test, second->checks, 1);
	KUNIT_EXPECT_PTR_EQ(test, second->asked, type);
}

static void open_attribute_fails_when_its_parent_is_gone(struct kunit *test)
{
	struct file *file;
	loff_t pos = 0;

	create_second(test, true);
	file = type_open(&second->types[TYPE_VERSIONED], "migration_version",
			 O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	vendor_unregister_parent(second);
	KUNIT_EXPECT_EQ(test, kernel_read(file, text, text_size, &pos),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, kernel_write(file, "abc", 3, &pos), -ENODEV);
	fput(file);
	KUNIT_EXPECT_EQ(test, second->shows + second->checks, 0);
}

/* Results of other callbacks that reach userspace */

static void description_passes_on_valid_results_only(struct kunit *test)
{
	bool valid, watched;
	struct file *file;
	loff_t pos;
	int result;

	for (result = -RESULTS_MAX; result <= RESULTS_MAX; result++) {
		valid = errno_for_userspace(result) ||
			(result >= 0 && result < PAGE_SIZE);
		watched = watch_fault(result);
		vendor->description_result = result;
		file = type_open(versioned, "description", O_RDONLY);
		KUNIT_ASSERT_FALSE(test, IS_ERR(file));
		pos = 0;
		KUNIT_EXPECT_EQ_MSG(test,
				    kernel_read(file, text, text_size, &pos),
				    valid ? result : -EIO,
				    "show_description returns %d", result);
		fput(file);
		if (watched)
			KUNIT_EXPECT_EQ_MSG(test, fault_reported(),
					    !valid, "show_description returns %d",
					    result);
	}
}

/* The driver core takes a positive result of probe as an errno, too */
static void expect_create(struct kunit *test, int result)
{
	static const char uuid[] = "d0b8d1de-54ab-4f39-8d4b-0b1b8c1c6e0a";
	int error = result > 0 ? -result : result;
	bool valid = error >= -ERRNO_MAX || error == -EPROBE_DEFER;

	if (error == -EPROBE_DEFER)
		error = -EAGAIN;
	second->probe_result = result;
	KUNIT_EXPECT_EQ_MSG(test,
			    attribute_write(&second->types[TYPE_VERSIONED],
					    "create", uuid, strlen(uuid)),
			    valid ? error : -EIO, "probe returns %d", result);
	KUNIT_EXPECT_EQ_MSG(test, fault_reported(), !valid,
			    "probe returns %d", result);
}

static void create_passes_on_valid_results_of_probe(struct kunit *test)
{
	static const int faults[] = { 1000, 4094, 4095, 4096, 65536, INT_MAX };
	int i;

	create_second(test, true);
	for (i = 1; i <= ERRNO_MAX + 30; i++) {
		expect_create(test, -i);
		expect_create(test, i);
	}
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		expect_create(test, -faults[i]);
		expect_create(test, faults[i]);
	}
}

/* The core's own errno is not a fault of the driver */
static void create_fails_at_max_instances(struct kunit *test)
{
	static const char * const uuids[] = {
		"5b1f0a52-53c1-4a5e-a0b5-3d9d8e5f7a01",
		"5b1f0a52-53c1-4a5e-a0b5-3d9d8e5f7a02",
	};
	struct mdev_type *type;

	create_second(test, true);
	type = &second->types[TYPE_VERSIONED];
	KUNIT_EXPECT_EQ(test,
			attribute_write(type, "create", uuids[0],
					strlen(uuids[0])),
			strlen(uuids[0]));
	KUNIT_EXPECT_EQ(test,
			attribute_write(type, "create", uuids[1],
					strlen(uuids[1])),
			-EUSERS);
	KUNIT_EXPECT_FALSE(test, fault_reported());
}

static int mdev_migration_test_init(struct kunit *test)
{
	vendor_reset(vendor);
	forget_fault();
	return 0;
}

static void mdev_migration_test_exit(struct kunit *test)
{
	if (second)
		vendor_destroy(second);
	second = NULL;
}

static int mdev_migration_suite_init(struct kunit_suite *suite)
{
	struct file_system_type *sysfs = get_fs_type("sysfs");
	int ret, i;

	for (i = 0; i < ARRAY_SIZE(byte_values); i++)
		byte_values[i] = i;
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		lengths[i] = i;

	fault_interval = mdev_fault_limit.interval;
	fault_burst = mdev_fault_limit.burst;

	if (!sysfs)
		return -ENODEV;
	sysfs_mnt = kern_mount(sysfs);
	if (IS_ERR(sysfs_mnt))
		return PTR_ERR(sysfs_mnt);

	ret = -ENOMEM;
	text_size = max_t(size_t, PAGE_SIZE, LENGTHS_MAX) + 1024;
	text = kmalloc(text_size, GFP_KERNEL);
	if (!text)
		goto err_mount;
	show_buf = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	if (!show_buf)
		goto err_text;

	vendor = vendor_create("mdev_kunit", true);
	if (IS_ERR(vendor)) {
		ret = PTR_ERR(vendor);
		goto err_show_buf;
	}
	versioned = &vendor->types[TYPE_VERSIONED];
	return 0;

err_show_buf:
	kfree(show_buf);
err_text:
	kfree(text);
err_mount:
	kern_unmount(sysfs_mnt);
	return ret;
}

static void mdev_migration_suite_exit(struct kunit_suite *suite)
{
	vendor_destroy(vendor);
	ratelimit_state_init(&mdev_fault_limit, fault_interval, fault_burst);
	kfree(show_buf);
	kfree(text);
	kern_unmount(sysfs_mnt);
}

/* Thousands of parameters take minutes in an emulated debug kernel */
#define EXHAUSTIVE_CASE(test, params) \
	KUNIT_CASE_PARAM_ATTR(test, params, { .speed = KUNIT_SPEED_SLOW })

static struct kunit_case mdev_migration_cases[] = {
	KUNIT_CASE_PARAM(driver_has_both_callbacks_or_neither, callbacks_gen_params),
	KUNIT_CASE(driver_without_device_api_is_refused),
	KUNIT_CASE_PARAM(check_takes_printable_bytes_only, byte_gen_params),
	KUNIT_CASE_PARAM(check_takes_one_line_only, line_gen_params),
	EXHAUSTIVE_CASE(check_takes_1_to_4095_characters, length_gen_params),
	KUNIT_CASE(check_finds_a_forbidden_byte_anywhere),
	KUNIT_CASE(check_reads_count_bytes),
	KUNIT_CASE_PARAM(invalid_result_of_check_is_eio,
			 faulty_check_gen_params),
	KUNIT_CASE_PARAM(show_takes_printable_bytes_only, byte_gen_params),
	KUNIT_CASE_PARAM(show_takes_one_line_only, line_gen_params),
	EXHAUSTIVE_CASE(show_takes_strings_that_can_be_read, length_gen_params),
	KUNIT_CASE(show_takes_strings_that_fit_into_a_page),
	KUNIT_CASE(show_finds_a_forbidden_byte_anywhere),
	KUNIT_CASE_PARAM(invalid_result_of_show_is_eio,
			 faulty_show_gen_params),
	KUNIT_CASE(check_passes_on_valid_results_only),
	KUNIT_CASE(show_passes_on_valid_results_only),
	KUNIT_CASE(interrupted_system_call_can_be_restarted),
	KUNIT_CASE(empty_string_is_reported),
	KUNIT_CASE(long_string_is_reported_with_its_length),
	KUNIT_CASE(length_beyond_a_page_is_reported_as_a_number),
	KUNIT_CASE_PARAM(first_forbidden_byte_is_reported, bad_byte_gen_params),
	KUNIT_CASE_PARAM(forbidden_byte_is_reported_as_a_number,
			 byte_gen_params),
	KUNIT_CASE(fault_of_a_driver_is_reported),
	KUNIT_CASE(fault_reports_are_limited),
	KUNIT_CASE(verdict_is_not_reported_as_a_fault),
	KUNIT_CASE(rejection_is_logged),
	KUNIT_CASE(logged_rejection_has_256_characters),
	KUNIT_CASE(logged_rejections_of_a_parent_are_limited),
	KUNIT_CASE(check_is_traced),
	KUNIT_CASE(attribute_exists_with_callbacks),
	KUNIT_CASE(attribute_is_absent_if_type_opted_out),
	KUNIT_CASE(attribute_is_absent_without_callbacks),
	KUNIT_CASE_PARAM(attribute_exists_only_with_both_callbacks,
			 callbacks_gen_params),
	KUNIT_CASE(attribute_read_asks_show),
	KUNIT_CASE(attribute_read_fails_if_show_fails),
	KUNIT_CASE(attribute_read_is_at_most_a_page),
	KUNIT_CASE(attribute_write_asks_check),
	KUNIT_CASE(attribute_write_fails_if_check_fails),
	KUNIT_CASE(attribute_write_of_nothing_succeeds),
	KUNIT_CASE(attribute_write_is_not_cut),
	KUNIT_CASE(device_has_the_attribute_of_its_type),
	KUNIT_CASE(open_attribute_fails_when_its_parent_is_gone),
	KUNIT_CASE(description_passes_on_valid_results_only),
	KUNIT_CASE(create_passes_on_valid_results_of_probe),
	KUNIT_CASE(create_fails_at_max_instances),
	{}
};

static struct kunit_suite mdev_migration_suite = {
	.name = "mdev_migration",
	.suite_init = mdev_migration_suite_init,
	.suite_exit = mdev_migration_suite_exit,
	.init = mdev_migration_test_init,
	.exit = mdev_migration_test_exit,
	.test_cases = mdev_migration_cases,
};

kunit_test_suite(mdev_migration_suite);

MODULE_DESCRIPTION("KUnit tests of the migration version of mediated device types");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test any vendor driver against the rules of migration_version:
 *
 *	conformance_test PARENT TYPE [option of the harness...]
 *
 * asks the type TYPE of /sys/class/mdev_bus/PARENT, which can have any driver.  The rules
 * are in Documentation/driver-api/vfio-mdev-migration-version.rst.
 *
 * Some tests unload the driver and load it again, without parameters of the module.  They
 * are skipped if the machine has a mediated device, because it could go with the driver.
 * If the type can create a device that migrates through VFIO, the verdict is compared with
 * the outcome: whether such a device loads a state.  A test that cannot be done is skipped
 * with the reason.
 *
 * Environment:
 *	MDEV_MODULE	file of the driver's module, if sysfs does not lead to the module
 *			or the directory of all modules does not have it.  The program
 *			loads it if it is not loaded.
 *	MDEV_LOAD	shell command that brings the parent, and
 *	MDEV_UNLOAD	shell command that takes the parent away, in place of loading and
 *			unloading the module: for a parent that does not come with the
 *			module alone
 *	MDEV_SECOND	file of the module of another build of the driver, with the same
 *			names of parent and type: the states of both are loaded in both
 *	MDEV_ACCEPTS	versions, one a line, that the type has to accept.  The type has
 *			to refuse each other version that differs in one byte from its
 *			own.  If the variable is not set, the program prints the versions
 *			that the type accepts, for the author to confirm.
 *	MDEV_MODULE_DIR	directory of all modules, in place of /lib/modules
 *	MDEV_UNLOAD_CYCLES	how often the driver is unloaded while it is asked
 */

#include <ctype.h>
#include <time.h>

#include "conformance_test_utils.h"
#include "race_test_utils.h"
#include "version_test_utils.h"
#include "vfio_test_utils.h"

#define VERSION_MAX	(PATH_MAX - 1)
/* Room for a version, a newline, a NUL, and a byte too many */
#define TEXT_SIZE	(VERSION_MAX + 4)

/* Questions about one-byte changes; only versions of more than 50 bytes have more */
#define CHANGES_MAX	10000
/* Time for these questions; a driver that would take longer is asked fewer */
#define CHANGES_SECONDS	300
/* How many of the accepted versions are printed */
#define PRINTED_MAX	40

/* With KASAN and lockdep, a cycle takes half a second */
#define CYCLES_DEFAULT	40

static struct driver driver;

/* Print a text that does not make a test fail */
#define NOTE(fmt, ...) do { \
	ksft_print_msg(fmt "\n", ##__VA_ARGS__); \
	fflush(stdout); \
} while (0)

/* For main(): end the program, because the tests cannot be done */
#define cannot_test(fmt, ...) do { \
	ksft_print_header(); \
	ksft_exit_fail_msg(fmt, ##__VA_ARGS__); \
} while (0)

static void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED |
			    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		cannot_test("no memory: %s\n", strerror(errno));
	return memory;
}

/* The version as it was read, without its newline */
static ssize_t read_version(char *version)
{
	ssize_t len = mdev_read_attr(driver.dir, "migration_version", version,
				     TEXT_SIZE);

	if (len <= 0)
		return len < 0 ? len : -ENODATA;
	if (version[len - 1] == '\n')
		version[--len] = '\0';
	return len;
}

/* Write a version to the attribute; returns 0 or an errno */
static int ask(const char *version, size_t len)
{
	ssize_t ret = mdev_check(driver.dir, version, len);

	return ret == (ssize_t)len ? 0 : ret < 0 ? ret : -EBADE;
}

static bool is_unanswered(int ret)
{
	return ret == -EINTR || ret == -EAGAIN || ret == -ENOMEM ||
	       ret == -ENODEV || ret == -EIO;
}

static bool is_recommended(int ret)
{
	return ret == -EOPNOTSUPP || ret == -EINVAL || ret == -EXDEV ||
	       ret == -EPROTONOSUPPORT;
}

#define ERRNOS_FOR_A_NO	"EOPNOTSUPP, EINVAL, EXDEV or EPROTONOSUPPORT"

/* Limit of the core's lines about faults in an hour, for all drivers together */
#define FAULT_LINES	10

/*
 * Find the last line of the core about a callback of the type that has returned neither an
 * errno for userspace nor a valid answer.  Returns the number of lines about faults of any
 * driver in the log.
 */
static int find_fault(char *text, size_t size)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	char record[8192], type[MDEV_PATH_SIZE];
	int lines = 0;

	snprintf(type, sizeof(type), ", type %s: ", driver.type);
	while (driver_log_record(log, record, sizeof(record))) {
		if (!strstr(record, "mdev driver ") ||
		    !strstr(record, " returned "))
			continue;
		lines++;
		if (driver_log_sequence(record) > driver.log_start &&
		    strstr(record, type))
			mdev_log_field(record, ";", text, size);
	}
	close(log);
	return lines;
}

/* Return the reason for which the errno does not mean a no, or NULL */
static const char *errno_fault(int ret)
{
	static char text[sizeof(((struct mdev_log_line *)0)->text)];
	int lines = 0;

	if (!is_unanswered(ret))
		return "it is not an errno for a no";
	text[0] = '\0';
	if (ret == -EIO)
		lines = find_fault(text, sizeof(text));
	if (!text[0])
		snprintf(text, sizeof(text),
			 "%s means that the question was not answered%s",
			 driver_errno(ret), lines < FAULT_LINES ? "" :
			 ", or the driver has a fault that the kernel log does not have, because its limit of ten an hour was used up");
	return text;
}

/* Each setup begins with this, because the test before may have ended at any point */
static void require_driver(struct __test_metadata *_metadata)
{
	ASSERT_FALSE(*driver.stuck) {
		TH_LOG("the driver has hung since an earlier test");
	}
	ASSERT_EQ(0, driver_bring(&driver, &driver.first));
}

/* Read the version, without its newline, of a type that has to have one */
static size_t require_version(struct __test_metadata *_metadata, char *version)
{
	ssize_t len = read_version(version);

	ASSERT_LT(0, len) {
		TH_LOG("reading the version fails with %s: %s",
		       driver_errno(len), len == -EIO ? errno_fault(len) :
		       len == -EOPNOTSUPP ?
		       "the type cannot migrate at present" :
		       "a type that can migrate has a version");
	}
	return len;
}

/* Tests of a type that has a version */
FIXTURE(version) {
	char own[TEXT_SIZE];
	size_t len;
};

FIXTURE_SETUP(version)
{
	require_driver(_metadata);
	self->len = require_version(_metadata, self->own);
}

FIXTURE_TEARDOWN(version)
{
	EXPECT_EQ(0, driver_bring(&driver, &driver.first));
}

TEST_F(version, two_reads_are_equal)
{
	char again[TEXT_SIZE];

	EXPECT_LT(0, read_version(again));
	EXPECT_STREQ(self->own, again);
	NOTE("the version is \"%s\"", self->own);
}

TEST_F(version, reload_of_the_driver_does_not_change_it)
{
	char again[TEXT_SIZE];

	if (driver.lasting[0])
		SKIP(return, "%s", driver.lasting);
	ASSERT_EQ(0, driver_take(&driver, &driver.first, false));
	ASSERT_EQ(0, driver_bring(&driver, &driver.first));
	EXPECT_LT(0, read_version(again));
	EXPECT_STREQ(self->own, again);
}

TEST_F(version, own_version_is_accepted_with_and_without_newline)
{
	int ret;

	ret = ask(self->own, self->len);
	EXPECT_EQ(0, ret) {
		TH_LOG("\"%s\", which the type has, is refused with %s%s%s%s",
		       self->own, driver_errno(ret),
		       is_recommended(ret) ? "" : ": ",
		       is_recommended(ret) ? "" : errno_fault(ret),
		       is_recommended(ret) ? "" : "; a no is " ERRNOS_FOR_A_NO);
	}

	self->own[self->len] = '\n';
	EXPECT_EQ(ret, ask(self->own, self->len + 1)) {
		TH_LOG("a newline behind the version changes the answer");
	}
}

/* 8-4-4-4-12 hexadecimal digits */
static bool is_uuid(const char *text)
{
	int i;

	for (i = 0; i < MDEV_UUID_SIZE - 1; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ?
		    text[i] != '-' : !isxdigit(text[i]))
			return false;
	return true;
}

/* A name with a digit and with a separator of an address */
static bool is_address(const char *name)
{
	return strpbrk(name, ":.") && strpbrk(name, "0123456789");
}

TEST_F(version, address_uuid_and_kernel_release_are_absent)
{
	const char *parent = driver.parent;
	struct utsname uts;
	size_t i;

	/* The domain of a PCI device is often left out */
	if (strspn(parent, "0123456789abcdef") == 4 && parent[4] == ':')
		parent += 5;
	EXPECT_FALSE(is_address(parent) && strstr(self->own, parent)) {
		TH_LOG("\"%s\" has the parent's address %s in it, which other hosts do not have",
		       self->own, parent);
	}

	for (i = 0; i < self->len; i++) {
		EXPECT_FALSE(is_uuid(self->own + i)) {
			TH_LOG("\"%s\" has a UUID in it, which other hosts do not have",
			       self->own);
		}
	}

	ASSERT_EQ(0, uname(&uts));
	EXPECT_EQ(NULL, strstr(self->own, uts.release)) {
		TH_LOG("\"%s\" has the release of the kernel in it, and changes with that",
		       self->own);
	}
}

/* Strings that the core refuses */

static void expect_not_asked(struct __test_metadata *_metadata,
			     const char *what, const char *bytes, size_t len,
			     int expected)
{
	int ret = ask(bytes, len);

	EXPECT_EQ(expected, ret) {
		TH_LOG("%s: %s, expected %s without a call of the driver", what,
		       driver_errno(ret), driver_errno(expected));
	}
}

static void expect_byte_not_asked(struct __test_metadata *_metadata,
				  const char *own, size_t len, int byte)
{
	size_t positions[] = { 0, len / 2, len };
	char what[64], buf[TEXT_SIZE];
	size_t i, at;

	snprintf(what, sizeof(what), "byte 0x%02x in the version", byte);
	for (i = 0; i < ARRAY_SIZE(positions); i++) {
		at = positions[i];
		/* A newline at the end is not a part of the string */
		if (byte == '\n' && at == len)
			continue;
		memcpy(buf, own, at);
		buf[at] = byte;
		memcpy(buf + at + 1, own + at, len - at);
		expect_not_asked(_metadata, what, buf, len + 1, -EINVAL);
	}
}

/*
 * The driver logs each string that it refuses, but the core does not.  An empty log
 * therefore shows that the core refused, if the driver logs each refusal, which another
 * test requires.
 */
TEST_F(version, invalid_strings_do_not_reach_the_driver)
{
	/* The test needs room for one more byte */
	size_t len = self->len < VERSION_MAX ? self->len : VERSION_MAX - 1;
	static char big[2 * PATH_MAX];
	struct mdev_log_line line;
	int byte, log, ret;

	log = driver_new_log(&driver);
	ASSERT_LE(0, log);
	expect_not_asked(_metadata, "an empty line", "\n", 1, -EINVAL);
	for (byte = 0; byte <= 0xff; byte++)
		if (byte < 0x20 || byte > 0x7e)
			expect_byte_not_asked(_metadata, self->own, len, byte);

	memset(big, 'x', sizeof(big));
	expect_not_asked(_metadata, "4096 characters", big, PATH_MAX, -E2BIG);
	big[PATH_MAX] = '\n';
	expect_not_asked(_metadata, "4096 characters and a newline", big,
			 PATH_MAX + 1, -E2BIG);

	while ((ret = mdev_log_next(log, &line)) > 0)
		EXPECT_STRNE(driver.device, line.device) {
			TH_LOG("the driver was asked: %s", line.text);
		}
	EXPECT_EQ(0, ret);
	close(log);
}

/*
 * One-byte changes: each byte is replaced by each other printable one, each byte is left
 * out, and each printable byte is put in at each place.  If the version is so long that
 * these are too many, each place is tried with some bytes, which are spread over all
 * printable ones.  If the driver is slow, only some places are tried.
 */

enum change_kind { REPLACED, LEFT_OUT, PUT_IN, CHANGE_KINDS };

struct change {
	enum change_kind kind;
	/* Offset of the byte, or of the byte before which it is put in */
	size_t at;
	char byte;
};

/* An errno that userspace sees is not larger */
#define ERRNO_MAX	511

#define PRINTABLE	('~' - ' ' + 1)

/*
 * Distance from one byte that is tried to the next one, if not all are tried.  Any
 * BYTES_MIN of these bytes have four letters that are neither hexadecimal digits nor the
 * other case of the first byte.
 */
#define BYTES_STEP	43
#define BYTES_MIN	12

/* The driver's answers to the changes, in memory that all tests share */
struct answers {
	bool complete;
	char own[TEXT_SIZE];
	size_t len;
	unsigned long asked;
	/* Number of bytes of PRINTABLE that are tried at each place, and distance of places */
	unsigned int bytes;
	size_t step;
	/* Accepted changes, and how many of them MDEV_ACCEPTS does not have */
	unsigned long accepted;
	unsigned long unconfirmed;
	struct change printed[PRINTED_MAX];
	/* A place whose byte the driver does not look at, if one was found */
	bool has_blind;
	struct change blind;
	/* How many changes were refused with each errno, and the first ones */
	unsigned long refused[ERRNO_MAX + 1][CHANGE_KINDS];
	struct change refused_one[ERRNO_MAX + 1][CHANGE_KINDS];
};

static struct answers *answers;

/* Returns the length of the version with the change */
static size_t change_make(char *buf, const struct change *change)
{
	size_t rest = change->kind == PUT_IN ? change->at : change->at + 1;
	size_t at = change->at;

	memcpy(buf, answers->own, at);
	if (change->kind != LEFT_OUT)
		buf[at++] = change->byte;
	memcpy(buf + at, answers->own + rest, answers->len - rest);
	buf[at + answers->len - rest] = '\0';
	return at + answers->len - rest;
}

/* Look whether MDEV_ACCEPTS has a line with the version */
static bool is_confirmed(const char *version)
{
	const char *line = getenv("MDEV_ACCEPTS");
	size_t len = strlen(version), n;

	for (; line && *line; line += n + !!line[n]) {
		n = strcspn(line, "\n");
		if (n == len && !memcmp(line, version, len))
			return true;
	}
	return false;
}

/* Returns whether the driver accepts the version with the change */
static bool ask_change(int fd, const struct change *change)
{
	char buf[TEXT_SIZE];
	size_t n = change_make(buf, change);
	int ret = mdev_result(pwrite(fd, buf, n, 0));

	answers->asked++;
	if (ret == (int)n) {
		answers->accepted++;
		if (is_confirmed(buf))
			return true;
		if (answers->unconfirmed < PRINTED_MAX)
			answers->printed[answers->unconfirmed] = *change;
		answers->unconfirmed++;
		return true;
	}

	if (ret >= 0 || ret < -ERRNO_MAX)
		ret = -EBADE;
	if (!answers->refused[-ret][change->kind]++)
		answers->refused_one[-ret][change->kind] = *change;
	return false;
}

/*
 * The driver does not look at a place if it accepts each letter there.  Other bytes do not
 * count: a parser of numbers ends at the first byte that is not a digit, so that a driver
 * can refuse a digit there, and a driver that looks for a separator refuses that byte.
 */
static void ask_place(int fd, enum change_kind kind, size_t at)
{
	const char *own = answers->own;
	/* The first byte makes no change, or a change that was asked at the place before */
	bool skips = kind == REPLACED || at;
	char base = kind == REPLACED || !at ? own[at] : own[at - 1];
	struct change change = { .kind = kind, .at = at };
	unsigned int step = answers->bytes < PRINTABLE ? BYTES_STEP : 1;
	unsigned int i, letters = 0, accepted = 0;
	bool yes;

	for (i = skips ? 1 : 0; i < answers->bytes; i++) {
		change.byte = ' ' + (base - ' ' + i * step) % PRINTABLE;
		yes = ask_change(fd, &change);
		if (!isalpha(change.byte))
			continue;
		letters++;
		accepted += yes;
	}
	if (letters && accepted == letters && !answers->has_blind) {
		answers->has_blind = true;
		answers->blind = change;
	}
}

/* Returns the number of questions that the driver answers in CHANGES_SECONDS */
static unsigned long answers_in_time(void)
{
	unsigned long us, best = ULONG_MAX;
	struct timespec from, to;
	int i;

	/* The fastest of three runs counts: the machine can be busy with something else */
	for (i = 0; i < 3; i++) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		ask(answers->own, answers->len);
		clock_gettime(CLOCK_MONOTONIC, &to);
		us = (to.tv_sec - from.tv_sec) * 1000000 +
		     (to.tv_nsec - from.tv_nsec) / 1000;
		if (us < best)
			best = us;
	}
	return 1 + CHANGES_SECONDS * 1000000UL / (best + 1);
}

static void choose_places(void)
{
	unsigned long in_time = answers_in_time();
	unsigned long places = 2 * answers->len;

	answers->bytes = (in_time < CHANGES_MAX ? in_time : CHANGES_MAX) / places;
	if (answers->bytes > PRINTABLE)
		answers->bytes = PRINTABLE;
	else if (answers->bytes < BYTES_MIN)
		answers->bytes = BYTES_MIN;
	answers->step = 1 + places * answers->bytes / in_time;
}

static int ask_all(const char *own, size_t len)
{
	struct change change = { .kind = LEFT_OUT };
	char path[MDEV_PATH_SIZE * 2];
	size_t at;
	int fd;

	if (answers->complete)
		return 0;
	snprintf(path, sizeof(path), "%s/migration_version", driver.dir);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;

	memset(answers, 0, sizeof(*answers));
	memcpy(answers->own, own, len);
	answers->len = len;
	choose_places();
	/* The last place is always tried, because some drivers compare only a prefix */
	for (at = (len - 1) % answers->step; at < len; at += answers->step) {
		ask_place(fd, REPLACED, at);
		change.at = at;
		/* The test leaves out one of several equal bytes, but not the only byte */
		if (len > 1 && (!at || own[at] != own[at - 1]))
			ask_change(fd, &change);
	}
	for (at = len % answers->step; at <= len && len < VERSION_MAX;
	     at += answers->step)
		ask_place(fd, PUT_IN, at);
	close(fd);
	answers->complete = true;
	return 0;
}

static void log_blind(struct __test_metadata *_metadata)
{
	const struct change *blind = &answers->blind;
	const char *own = answers->own;

	if (blind->kind == PUT_IN && blind->at == answers->len) {
		TH_LOG("any letter behind \"%s\" is accepted: only the beginning is compared",
		       own);
		return;
	}
	TH_LOG("any letter %s '%c' at offset %zu is accepted: the driver does not look at it",
	       blind->kind == PUT_IN ? "before" : "in place of", own[blind->at],
	       blind->at);
}

static void expect_confirmed_accepted(struct __test_metadata *_metadata)
{
	const char *line = getenv("MDEV_ACCEPTS");
	char version[TEXT_SIZE];
	size_t n;
	int ret;

	for (; line && *line; line += n + !!line[n]) {
		n = strcspn(line, "\n");
		if (!n || n > VERSION_MAX)
			continue;
		snprintf(version, sizeof(version), "%.*s", (int)n, line);
		ret = ask(version, n);
		EXPECT_EQ(0, ret) {
			TH_LOG("MDEV_ACCEPTS has \"%s\", but it is refused with %s",
			       version, driver_errno(ret));
		}
	}
}

TEST_F(version, one_byte_changes_are_refused_or_confirmed)
{
	bool confirmed = getenv("MDEV_ACCEPTS");
	unsigned long i, printed;
	char version[TEXT_SIZE];

	ASSERT_EQ(0, ask_all(self->own, self->len));
	NOTE("%lu changes of \"%s\": %lu accepted", answers->asked,
	     answers->own, answers->accepted);
	if (answers->bytes < PRINTABLE)
		NOTE("all would take too long: %u of %u bytes were tried at each place",
		     answers->bytes, PRINTABLE);
	if (answers->step > 1)
		NOTE("the driver is slow: one place in %zu was tried",
		     answers->step);

	EXPECT_FALSE(answers->has_blind) {
		log_blind(_metadata);
	}
	/* A few are enough if there is another reason to look at the driver */
	printed = answers->has_blind ? 3 : PRINTED_MAX;
	for (i = 0; i < answers->unconfirmed && i < printed; i++) {
		change_make(version, &answers->printed[i]);
		NOTE("accepted, %s: \"%s\"", confirmed ?
		     "but MDEV_ACCEPTS does not have it" : "to be confirmed",
		     version);
	}
	if (i < answers->unconfirmed)
		NOTE("and %lu more", answers->unconfirmed - i);
	EXPECT_FALSE(confirmed && answers->unconfirmed);
	expect_confirmed_accepted(_metadata);
}

static void expect_recommended(struct __test_metadata *_metadata, int ret)
{
	const unsigned long *refused = answers->refused[-ret];
	char version[TEXT_SIZE];
	unsigned long sum = 0;
	int kind;

	for (kind = CHANGE_KINDS - 1; kind >= 0; kind--) {
		if (!refused[kind])
			continue;
		sum += refused[kind];
		change_make(version, &answers->refused_one[-ret][kind]);
	}
	if (!sum)
		return;
	NOTE("%lu changes are refused with %s", sum, driver_errno(ret));
	EXPECT_TRUE(is_recommended(ret)) {
		TH_LOG("\"%s\" is refused with %s, expected %s: %s", version,
		       driver_errno(ret), ERRNOS_FOR_A_NO, errno_fault(ret));
	}
}

TEST_F(version, each_refusal_has_an_errno_for_a_no)
{
	int i;

	ASSERT_EQ(0, ask_all(self->own, self->len));
	for (i = 1; i <= ERRNO_MAX; i++)
		expect_recommended(_metadata, -i);
}

/* Require one line of the parent about this version in the log, if the version is refused */
static void expect_line(struct __test_metadata *_metadata, int log,
			const char *version)
{
	int verdict = ask(version, strlen(version));
	struct mdev_log_line line;
	char expected[1024];
	int ret, lines = 0;

	if (!verdict)
		return;
	/* The line has at most this part of the version */
	snprintf(expected, sizeof(expected),
		 "type %s: migration version \"%.256s\" rejected: ",
		 driver.type, version);
	while ((ret = mdev_log_next(log, &line)) > 0)
		lines += !strcmp(line.device, driver.device) &&
			 strstr(line.text, expected);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(1, lines) {
		TH_LOG("\"%s\" is refused with %s, and the log has %d lines of %s, expected 1",
		       version, driver_errno(verdict), lines,
		       "mdev_migration_version_rejected()");
	}
	/* More lines would use up the rate limit before the test has ended */
	ASSERT_GE(1, lines);
}

/* Look at one change of each kind for each errno, and at "?", which no driver has */
TEST_F(version, each_refusal_has_a_line_in_the_log)
{
	char version[TEXT_SIZE];
	int log, i, n = 0;

	ASSERT_EQ(0, ask_all(self->own, self->len));
	log = driver_new_log(&driver);
	ASSERT_LE(0, log);
	expect_line(_metadata, log, "?");
	for (i = 0; i < (ERRNO_MAX + 1) * CHANGE_KINDS; i++) {
		if (!answers->refused[i / CHANGE_KINDS][i % CHANGE_KINDS])
			continue;
		if (++n % MDEV_LOG_BURST == 0) {
			close(log);
			log = driver_new_log(&driver);
			ASSERT_LE(0, log);
		}
		change_make(version, &answers->refused_one[i / CHANGE_KINDS]
							  [i % CHANGE_KINDS]);
		expect_line(_metadata, log, version);
	}
	NOTE("%d refusals of changes, and \"?\"", n);
	close(log);
}

/* The verdict is the outcome */

/* A stream that does not end must not take all memory */
#define STREAM_MAX	(64UL * 1024 * 1024)
#define STREAM_TOO_LONG	"the state of a device has %lu bytes or more"
#define CHUNK		(1024UL * 1024)

/* The state of a device of a build, and the version that the type had */
struct source {
	char version[TEXT_SIZE];
	size_t version_len;
	unsigned char *stream;
	size_t len;
};

/* The result of a load: 0, or the errno of the step that failed */
struct outcome {
	int ret;
	char step[64];
};

#define NO_DEVICE	1

/* Returns 0, NO_DEVICE with a reason for a skip, or a negative errno */
static int create_device(struct vfio_test_device *dev, char *reason,
			 size_t size)
{
	char available[16] = "";
	int ret;

	*dev = vfio_no_device;
	if (access("/dev/vfio/vfio", F_OK)) {
		snprintf(reason, size, "/dev/vfio/vfio does not exist");
		return NO_DEVICE;
	}

	mdev_read_attr(driver.dir, "available_instances", available,
		       sizeof(available));
	ret = mdev_create(driver.dir, dev->uuid);
	if (!ret)
		return vfio_open(dev);
	dev->uuid[0] = '\0';
	if (ret != -EUSERS && strcmp(available, "0\n"))
		return ret;
	snprintf(reason, size, "a device of %s cannot be created (%s)",
		 driver.type, driver_errno(ret));
	return NO_DEVICE;
}

/* Save a device, from PRE_COPY on if @pre_copy is set; returns 0 or a negative errno */
static int save(struct vfio_test_device *dev, bool pre_copy,
		struct source *source)
{
	ssize_t len;
	int ret;

	source->len = 0;
	if (pre_copy) {
		ret = vfio_set_state(dev, VFIO_DEVICE_STATE_PRE_COPY);
		if (ret)
			return ret;
		/* A device that runs can have more to read without end */
		ret = vfio_read_stream(dev, source->stream, STREAM_MAX / 2,
				       &source->len);
		if (ret && ret != -ENOMSG && ret != -EOVERFLOW)
			return ret;
	}

	len = vfio_save(dev, source->stream, STREAM_MAX, source->len);
	if (len < 0)
		return len;
	source->len = len;
	return 0;
}

static int write_all(int fd, const unsigned char *bytes, size_t len, size_t *at)
{
	ssize_t ret;

	for (*at = 0; *at < len; *at += ret) {
		ret = mdev_result(write(fd, bytes + *at, len - *at < CHUNK ?
					len - *at : CHUNK));
		if (ret <= 0)
			return ret ?: -EIO;
	}
	return 0;
}

/* A driver may refuse a state at any step, but not leave a device that does not run */
static void load(struct vfio_test_device *dev, const struct source *source,
		 struct outcome *outcome)
{
	size_t at = 0;

	snprintf(outcome->step, sizeof(outcome->step), "to RESUMING");
	outcome->ret = vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING);
	if (outcome->ret)
		return;

	outcome->ret = write_all(dev->data_fd, source->stream, source->len,
				 &at);
	snprintf(outcome->step, sizeof(outcome->step),
		 "write of byte %zu of %zu", at, source->len);
	if (outcome->ret)
		return;

	snprintf(outcome->step, sizeof(outcome->step), "to RUNNING");
	outcome->ret = vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING);
	if (!outcome->ret && vfio_state(dev) != VFIO_DEVICE_STATE_RUNNING)
		outcome->ret = -EBADE;
}

static void expect_agreement(struct __test_metadata *_metadata,
			     const char *pair, int verdict,
			     const struct outcome *outcome)
{
	char loaded[128] = "loaded";

	if (outcome->ret)
		snprintf(loaded, sizeof(loaded), "load failed: %s: %s",
			 outcome->step, driver_errno(outcome->ret));
	NOTE("%s: verdict %s%s, %s", pair, verdict ? "no, " : "yes",
	     verdict ? driver_errno(verdict) : "", loaded);

	EXPECT_FALSE(is_unanswered(verdict)) {
		TH_LOG("%s: %s is not a verdict", pair, driver_errno(verdict));
	}
	EXPECT_FALSE(!verdict && outcome->ret) {
		TH_LOG("%s: the version is accepted, but a device does not load the state",
		       pair);
	}
	EXPECT_FALSE(verdict && !is_unanswered(verdict) && !outcome->ret) {
		TH_LOG("%s: the version is refused, but a device loads the state",
		       pair);
	}
}

FIXTURE(device) {
	struct vfio_test_device dev;
	struct source own;
	int created;
	char reason[MDEV_PATH_SIZE];
};

FIXTURE_SETUP(device)
{
	self->dev = vfio_no_device;
	require_driver(_metadata);
	self->own.stream = malloc(STREAM_MAX);
	ASSERT_NE(NULL, self->own.stream);
	self->created = create_device(&self->dev, self->reason,
				      sizeof(self->reason));
	ASSERT_LE(0, self->created) {
		TH_LOG("creating and opening a device of %s fails with %s",
		       driver.type, driver_errno(self->created));
	}
}

FIXTURE_TEARDOWN(device)
{
	EXPECT_EQ(0, vfio_remove(&self->dev));
}

TEST_F(device, type_with_a_version_has_devices_that_migrate)
{
	int flags;

	if (self->created == NO_DEVICE)
		SKIP(return, "%s", self->reason);
	flags = vfio_migration_flags(&self->dev);
	EXPECT_LT(0, flags) {
		TH_LOG("a device does not have VFIO migration (%s): set no_migration_version",
		       driver_errno(flags));
	}
}

TEST_F(device, verdict_about_the_own_version_is_the_outcome)
{
	int flags, mode, verdict, ret;
	struct outcome outcome;
	size_t len;

	if (self->created == NO_DEVICE)
		SKIP(return, "%s", self->reason);
	flags = vfio_migration_flags(&self->dev);
	if (flags <= 0)
		SKIP(return, "a device of the type does not have VFIO migration");
	len = require_version(_metadata, self->own.version);
	verdict = ask(self->own.version, len);

	for (mode = 0; mode < (flags & VFIO_MIGRATION_PRE_COPY ? 2 : 1);
	     mode++) {
		ret = save(&self->dev, mode, &self->own);
		if (ret == -EOVERFLOW)
			SKIP(return, STREAM_TOO_LONG, STREAM_MAX);
		ASSERT_EQ(0, ret) {
			TH_LOG("a device cannot be saved: %s", driver_errno(ret));
		}
		/* The type may have room for a single device */
		ASSERT_EQ(0, vfio_remove(&self->dev));
		ASSERT_EQ(0, create_device(&self->dev, self->reason,
					   sizeof(self->reason)));
		load(&self->dev, &self->own, &outcome);
		expect_agreement(_metadata, mode ?
				 "own version, saved from PRE_COPY on" :
				 "own version, saved in STOP_COPY", verdict,
				 &outcome);
		/* The next state is saved by a new device */
		ASSERT_EQ(0, vfio_remove(&self->dev));
		ASSERT_EQ(0, create_device(&self->dev, self->reason,
					   sizeof(self->reason)));
	}
}

/* Two builds of the driver */

#define BUILDS	2

static const char * const build_names[BUILDS] = { "first", "second" };

struct pairs {
	struct driver_build *builds[BUILDS];
	struct source sources[BUILDS];
	/* Index of the build that is loaded */
	int loaded;
	struct vfio_test_device dev;
	/* NO_DEVICE, with a reason, if only verdicts can be compared */
	int created;
	char reason[MDEV_PATH_SIZE];
};

FIXTURE(builds) {
	struct pairs pairs;
};

FIXTURE_SETUP(builds)
{
	int i;

	self->pairs.dev = vfio_no_device;
	require_driver(_metadata);
	self->pairs.builds[0] = &driver.first;
	self->pairs.builds[1] = &driver.second;
	for (i = 0; i < BUILDS; i++) {
		self->pairs.sources[i].stream = malloc(STREAM_MAX);
		ASSERT_NE(NULL, self->pairs.sources[i].stream);
	}
}

/* The first build is loaded again, also after a failure */
FIXTURE_TEARDOWN(builds)
{
	EXPECT_EQ(0, vfio_remove(&self->pairs.dev));
	if (self->pairs.loaded)
		EXPECT_EQ(0, driver_take(&driver, &driver.second, true));
	EXPECT_EQ(0, driver_bring(&driver, &driver.first));
}

static void use_build(struct __test_metadata *_metadata,
		      struct pairs *pairs, int build)
{
	if (pairs->loaded == build)
		return;
	ASSERT_EQ(0, driver_take(&driver, pairs->builds[pairs->loaded], true));
	pairs->loaded = build;
	ASSERT_EQ(0, driver_bring(&driver, pairs->builds[build])) {
		TH_LOG("the %s build does not bring %s of %s",
		       build_names[build], driver.type, driver.parent);
	}
}

static void save_build(struct __test_metadata *_metadata,
		       struct pairs *pairs, int build)
{
	struct source *source = &pairs->sources[build];
	ssize_t len;
	int ret;

	use_build(_metadata, pairs, build);
	len = read_version(source->version);
	ASSERT_LT(0, len) {
		TH_LOG("the %s build does not have a version: %s",
		       build_names[build], driver_errno(len));
	}
	source->version_len = len;
	NOTE("%s: %s, \"%s\"", build_names[build], pairs->builds[build]->name,
	     source->version);

	ret = create_device(&pairs->dev, pairs->reason, sizeof(pairs->reason));
	ASSERT_LE(0, ret);
	if (ret == NO_DEVICE) {
		pairs->created = NO_DEVICE;
		return;
	}
	ret = save(&pairs->dev, false, source);
	if (ret == -EOVERFLOW) {
		pairs->created = NO_DEVICE;
		snprintf(pairs->reason, sizeof(pairs->reason), STREAM_TOO_LONG,
			 STREAM_MAX);
	} else {
		ASSERT_EQ(0, ret) {
			TH_LOG("a device of the %s build cannot be saved: %s",
			       build_names[build], driver_errno(ret));
		}
	}
	ASSERT_EQ(0, vfio_remove(&pairs->dev));
	pairs->dev = vfio_no_device;
}

static void compare_pair(struct __test_metadata *_metadata,
			 struct pairs *pairs, int from, int to)
{
	const struct source *source = &pairs->sources[from];
	struct outcome outcome;
	char pair[32];
	int verdict;

	snprintf(pair, sizeof(pair), "%s -> %s", build_names[from],
		 build_names[to]);
	verdict = ask(source->version, source->version_len);
	if (pairs->created == NO_DEVICE) {
		NOTE("%s: verdict %s%s, not loaded: %s", pair,
		     verdict ? "no, " : "yes",
		     verdict ? driver_errno(verdict) : "", pairs->reason);
		return;
	}

	ASSERT_EQ(0, create_device(&pairs->dev, pairs->reason,
				   sizeof(pairs->reason)));
	load(&pairs->dev, source, &outcome);
	expect_agreement(_metadata, pair, verdict, &outcome);
	ASSERT_EQ(0, vfio_remove(&pairs->dev));
	pairs->dev = vfio_no_device;
}

TEST_F(builds, verdict_is_the_outcome_for_each_pair_of_builds)
{
	int from, to;

	if (!driver.second.path[0])
		SKIP(return, "MDEV_SECOND is not set");
	if (driver.lasting[0])
		SKIP(return, "%s", driver.lasting);
	if (!driver.first.name[0])
		SKIP(return, "sysfs does not lead to the module: set MDEV_MODULE");

	save_build(_metadata, &self->pairs, 0);
	save_build(_metadata, &self->pairs, 1);
	for (to = BUILDS - 1; to >= 0; to--) {
		use_build(_metadata, &self->pairs, to);
		for (from = 0; from < BUILDS; from++)
			compare_pair(_metadata, &self->pairs, from, to);
	}
	if (self->pairs.created == NO_DEVICE)
		SKIP(return, "%s", self->pairs.reason);
}

/* The driver goes while it is asked */

FIXTURE(unload) {
	struct race race;
	struct race_question question;
	char own[TEXT_SIZE];
};

FIXTURE_SETUP(unload)
{
	require_driver(_metadata);
	require_version(_metadata, self->own);
	ASSERT_EQ(0, race_begin(&self->race));
	self->question = (struct race_question) {
		.dir = driver.dir,
		.own = self->own,
		.own_result = mdev_check_string(driver.dir, self->own),
		.other = "?",
		.other_result = mdev_check_string(driver.dir, "?"),
	};
}

FIXTURE_TEARDOWN(unload)
{
	race_end(&self->race);
	EXPECT_EQ(0, driver_bring(&driver, &driver.first));
}

/* Number of rounds that the workers have ended */
static unsigned long rounds(const struct race *race)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < race->count; i++)
		sum += __atomic_load_n(&race->shared->workers[i].rounds,
				       __ATOMIC_SEQ_CST);
	return sum;
}

/*
 * If a callback takes a lock under which the driver unregisters the parent, both can wait
 * for ever.  If this does not happen here, CONFIG_PROVE_LOCKING reports it, provided that a
 * callback ran once while the parent was unregistered.  On a single CPU this need not happen
 * in twice the unloads either, and the test is skipped then.
 */
TEST_F(unload, driver_answers_or_is_gone)
{
	int cycles, wanted, met = 0;
	unsigned long before;
	bool wait;

	if (driver.lasting[0])
		SKIP(return, "%s", driver.lasting);
	wanted = mdev_number_from("MDEV_UNLOAD_CYCLES", CYCLES_DEFAULT);
	ASSERT_LE(RACE_CYCLES_MIN, wanted);
	ASSERT_EQ(0, race_start(&self->race, race_read_and_write,
				&self->question));
	ASSERT_EQ(0, race_start(&self->race, race_keep_open, &self->question));
	driver.asking = self->race.pids;
	driver.asking_count = self->race.count;

	for (cycles = 0; cycles < wanted || (!met && cycles < 2 * wanted);
	     cycles++) {
		wait = cycles % RACE_CYCLES_A_WAIT == 0;
		before = rounds(&self->race);
		ASSERT_EQ(0, driver_take(&driver, &driver.first, false));
		met += rounds(&self->race) > before;
		ASSERT_TRUE(!wait || race_wait(&self->race));
		ASSERT_EQ(0, driver_bring(&driver, &driver.first));
		ASSERT_TRUE(!wait || race_wait(&self->race));
	}
	race_stop(&self->race);
	NOTE("%d unloads, the driver was asked during %d of them", cycles, met);
	if (race_expect_fair(_metadata, &self->race, cycles) && !met)
		SKIP(return,
		     "%d unloads, asked during none: more CPUs are needed to find a lock cycle",
		     cycles);
}

/* Names and files from the command line and the environment */

/* List the entries of a directory, with an attribute if it is not NULL */
static const char *entries(const char *dir, const char *attribute)
{
	static char list[4096];
	struct dirent *entry;
	char path[PATH_MAX];
	size_t len = 0;
	DIR *d = opendir(dir);

	snprintf(list, sizeof(list), " none");
	while (d && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s/%s", dir, entry->d_name,
			 attribute ?: "");
		if (entry->d_name[0] != '.' && !access(path, F_OK) &&
		    len < sizeof(list))
			len += snprintf(list + len, sizeof(list) - len, " %s",
					entry->d_name);
	}
	if (d)
		closedir(d);
	return list;
}

static void find_type(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/mdev_bus/%s", driver.parent);
	if (access(path, F_OK))
		cannot_test("parent %s does not exist; parents:%s\n",
			    driver.parent,
			    entries("/sys/class/mdev_bus", NULL));
	strcat(path, "/mdev_supported_types");
	if (access(driver.dir, F_OK))
		cannot_test("%s does not have the type %s; types with migration_version:%s\n",
			    driver.parent, driver.type,
			    entries(path, "migration_version"));
	if (!driver_present(&driver))
		cannot_test("type %s of %s does not have migration_version; types with it:%s\n",
			    driver.type, driver.parent,
			    entries(path, "migration_version"));
}

/* Fill in a build whose file is in the environment variable @variable */
static void find_build(struct driver_build *build, const char *variable)
{
	const char *path = getenv(variable);
	int ret;

	if (!path || !*path)
		return;
	snprintf(build->path, sizeof(build->path), "%s", path);
	ret = driver_read_name(build);
	if (ret)
		cannot_test("%s: %s: %s\n", variable, path, ret == -ENOEXEC ?
			    "expected a module that is not compressed" :
			    strerror(-ret));
}

static void find_driver(const char *parent, const char *type)
{
	driver.parent = parent;
	driver.type = type;
	driver.stuck = shared_memory(sizeof(*driver.stuck));
	answers = shared_memory(sizeof(*answers));
	if (snprintf(driver.dir, sizeof(driver.dir), MDEV_TYPE_DIR("%s", "%s"),
		     parent, type) >= (int)sizeof(driver.dir))
		cannot_test("the names of parent and type are too long\n");

	driver.load = getenv("MDEV_LOAD");
	driver.unload = getenv("MDEV_UNLOAD");
	if (!driver.load != !driver.unload)
		cannot_test("one of MDEV_LOAD and MDEV_UNLOAD is set, expected both\n");
	find_build(&driver.first, "MDEV_MODULE");
	find_build(&driver.second, "MDEV_SECOND");

	if (!driver_present(&driver) &&
	    (driver.load || (driver.first.path[0] &&
			     !mdev_module_loaded(driver.first.name))))
		driver_bring(&driver, &driver.first);
	find_type();
	if (driver.first.path[0] && !mdev_module_loaded(driver.first.name))
		cannot_test("%s exists without %s, which is the module of MDEV_MODULE\n",
			    driver.parent, driver.first.name);
	driver_find_device(&driver);
	if (!driver.first.name[0])
		driver_find_module(&driver);
	driver_find_lasting(&driver);
}

int main(int argc, char *argv[])
{
	if (argc < 3 || argv[1][0] == '-' || argv[2][0] == '-')
		mdev_skip_all("usage: conformance_test PARENT TYPE");
	if (geteuid())
		mdev_skip_all("the test needs root");
	mdev_require_log();
	driver.log_start = driver_log_last();

	find_driver(argv[1], argv[2]);
	argv[2] = argv[0];
	return test_harness_run(argc - 2, argv + 2);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict is the outcome, also for random versions and streams
 *
 * A pair is a verdict and an outcome.  The verdict is the result of writing the version
 * of a source to migration_version of the target.  The outcome is the result of loading
 * the stream of such a source: either the target runs with the whole state, or the load
 * has failed with the errno that belongs to the verdict, and the device did not change.
 * A pair in which the two do not agree is printed, and fails the test.
 *
 * The sources have random versions, close to the versions that the target accepts; or they
 * have the target's own version, and some bytes of the head of their stream, which holds
 * the version, are flipped on the way.
 *
 * MDEV_VERDICT_PAIRS is the number of pairs of a test; drivers with a large state get a
 * fraction of it.  MDEV_VERDICT_SEED makes another choice of all random values.
 */

#include <endian.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include "mdev_sim_device_test_utils.h"
#include "mdpy_test_utils.h"
#include "mtty_test_utils.h"
#include "random_test_utils.h"
#include "stream_test_utils.h"
#include "version_test_utils.h"
#include "vfio_test_utils.h"

#define PAIRS_DEFAULT	300
/* The target might accept too few of fewer pairs */
#define PAIRS_MIN	256
/* Number of pairs without agreement that are printed */
#define PRINTED_MAX	5
/* Bytes of head and version that are printed */
#define PRINTED_BYTES	64

/* The registers are the first bytes of the state of a port */
#define MTTY_REGISTERS	8

/* Only the end of the memory of a device differs from stream to stream */
#define MDPY_MARKER	64

/* Bytes in the buffer of a simulated device */
#define SIM_STATE_SIZE	256
#define SIM_NUMBERS	3

#define TAIL_MAX	sizeof(__le32)
#define HEAD_MAX	(sizeof(struct sim_header) + SIM_VERSION_MAX)
/* Room for a version that is one byte too long, a newline and a NUL */
#define TEXT_SIZE	(SIM_VERSION_MAX + 3)

/* Knobs of a simulated type */
struct rules {
	const char *version;
	const char *accept_min;
	const char *accept_max;
	bool pre_copy;
	/* Each pair has other rules */
	bool change;
};

struct matrix;

struct driver {
	const char *name;
	size_t header_size;
	/* Offset of the version in the header, and of its end */
	size_t version_at;
	size_t version_end;
	/* A pair takes as long as this number of pairs of mtty */
	unsigned int cost;
	/* Errno of a write of a stream that is refused, 0: errno of the verdict */
	int load_error;
	/* Errno of the change of the state after that, 0: errno of the write */
	int run_error;
	int (*set_up)(struct matrix *m);
	/* Set the head for a source with another version or with the own version */
	int (*source)(struct matrix *m, bool other);
	/* The line that the source shows */
	size_t (*version)(struct matrix *m, char *text);
	/* Write the end of the stream, when the state is complete */
	void (*finish)(struct matrix *m);
	/* Read the state as it would be in a stream, in each state of migration */
	int (*get_state)(struct matrix *m, unsigned char *state);
};

/* A target, and a stream for it: head, state, tail */
struct matrix {
	const struct driver *driver;
	const char *type_dir;
	const struct rules *rules;
	unsigned long pairs;
	unsigned long seed;
	unsigned long long random;

	struct vfio_test_device source;
	struct vfio_test_device target;

	/* The bytes of the stream with the version */
	unsigned char head[HEAD_MAX];
	size_t head_len;
	/* Head of a source with the target's version */
	unsigned char own_head[HEAD_MAX];
	size_t own_head_len;

	/* Bytes that have to arrive; the buffer has room for the head and the tail */
	unsigned char *state;
	size_t state_len;
	/* The part of the state that is new for each pair */
	size_t marker_at;
	size_t marker_len;
	size_t tail_len;

	/* State of the target before the load and after it */
	unsigned char *before;
	unsigned char *after;

	/* mdpy: video memory of the target */
	unsigned char *memory;
	size_t memory_size;
	/* CRC-32 of the own head and of the part of the state that does not change */
	__u32 crc;

	/* mdev_sim: versions in the rules, the own one first, and the device in them */
	__u32 numbers[SIM_NUMBERS][2];
	char device[64];
	char shown[TEXT_SIZE];
};

static const char * const disagreements[] = {
	"none",
	"accepted, but not loaded",
	"refused, but loaded",
	"the errno of the load is not the errno of the verdict",
	"loaded, but the device does not have the state of the stream",
	"not loaded, but the state has changed",
	"loaded, but a source cannot have such a header",
};

enum disagreement {
	NONE,
	ACCEPTED_NOT_LOADED,
	REFUSED_BUT_LOADED,
	OTHER_ERRNO,
	STATE_NOT_ARRIVED,
	STATE_CHANGED,
	NO_SOURCE_BUT_LOADED,
	DISAGREEMENTS
};

struct pair {
	unsigned long index;
	char version[TEXT_SIZE];
	/* 0 or a negative errno each */
	int verdict;
	int outcome;
	/* Result of the change of the state that is to load the stream */
	int run;
	enum disagreement disagreement;
};

struct tally {
	unsigned long accepted;
	unsigned long refused;
	unsigned long loaded;
	unsigned long disagreements[DISAGREEMENTS];
};

/* Choices */

static unsigned int choose(struct matrix *m, unsigned int n)
{
	return mdev_random(&m->random) % n;
}

static void fill_random(struct matrix *m, unsigned char *bytes, size_t len)
{
	unsigned long long random;
	size_t n;

	for (; len; len -= n, bytes += n) {
		random = mdev_random(&m->random);
		n = len < sizeof(random) ? len : sizeof(random);
		memcpy(bytes, &random, n);
	}
}

/*
 * Return @near itself in most cases; else a number beside it, a number that equals it if
 * some bits are lost, a number at a boundary of a format, or any number
 */
static __u32 number_near(struct matrix *m, __u32 near)
{
	static const __u32 boundaries[] = {
		0, 1, 9, 10, 255, 256, 0x7fff, 0xffff, 0x10000, 0x7fffffff,
		0x80000000, 0xffffffff,
	};

	switch (choose(m, 12)) {
	case 0:
		return near + 1;
	case 1:
		return near - 1;
	case 2:
		return near ^ 1U << choose(m, 32);
	case 3:
		return near + ((1U + choose(m, 0xffff)) << 16);
	case 4:
		return boundaries[choose(m, ARRAY_SIZE(boundaries))];
	case 5:
		return mdev_random(&m->random);
	default:
		return near;
	}
}

/* Change up to three bytes to any value */
static void flip_bytes(struct matrix *m)
{
	unsigned int n = choose(m, 4), at;

	while (n--) {
		at = choose(m, m->head_len);
		if (choose(m, 2))
			m->head[at] ^= 1 << choose(m, 8);
		else
			m->head[at] ^= 1 + choose(m, 255);
	}
}

static int allocate(struct matrix *m)
{
	m->state = calloc(3, HEAD_MAX + m->state_len + TAIL_MAX);
	if (!m->state)
		return -ENOMEM;
	m->state += HEAD_MAX;
	m->before = m->state + m->state_len + TAIL_MAX;
	m->after = m->before + m->state_len;
	return 0;
}

/* The head and the state of each stream begin as in a stream that was saved */
static int use_stream(struct matrix *m, const unsigned char *stream,
		      ssize_t len)
{
	if (len < (ssize_t)(m->driver->header_size + m->marker_at +
			    m->marker_len))
		return len < 0 ? len : -ENODATA;

	memcpy(m->own_head, stream, m->driver->header_size);
	m->own_head_len = m->driver->header_size;
	if (allocate(m))
		return -ENOMEM;
	memcpy(m->state, stream + m->driver->header_size, m->state_len);
	return 0;
}

static void use_own_head(struct matrix *m)
{
	memcpy(m->head, m->own_head, m->own_head_len);
	m->head_len = m->own_head_len;
}

static void no_tail(struct matrix *m)
{
	m->tail_len = 0;
}

/* mtty */

static int mtty_set_up(struct matrix *m)
{
	unsigned char stream[256];
	ssize_t len;
	__u32 ports;

	len = vfio_save(&m->source, stream, sizeof(stream), 0);
	if (len <= (ssize_t)sizeof(struct mtty_header))
		return len < 0 ? len : -ENODATA;

	/* The marker is in the registers of the last port */
	ports = ((struct mtty_header *)stream)->nr_ports;
	m->state_len = len - sizeof(struct mtty_header);
	m->marker_at = m->state_len / ports * (ports - 1);
	m->marker_len = MTTY_REGISTERS;
	return use_stream(m, stream, len);
}

static int mtty_source(struct matrix *m, bool other)
{
	struct mtty_header *header = (void *)m->head;

	use_own_head(m);
	if (other) {
		header->major = number_near(m, header->major);
		header->minor = number_near(m, header->minor);
	}
	return 0;
}

static size_t mtty_version(struct matrix *m, char *text)
{
	const struct mtty_header *header = (void *)m->head;

	return snprintf(text, TEXT_SIZE, "4348:3253-%u.%u\n", header->major,
			header->minor);
}

/*
 * Only a running device can be saved, and a reset would clear it.  In other states, the
 * registers that can be read are compared with their values from before.
 */
static int mtty_get_registers(struct matrix *m, unsigned char *state)
{
	static const unsigned char registers[] = { UART_LCR, UART_MCR, UART_SCR };
	struct mtty_port *port = (void *)state;
	size_t i, nr_ports = m->state_len / sizeof(*port);
	__u64 offset, size;

	memcpy(state, m->before, m->state_len);
	for (i = 0; i < nr_ports * ARRAY_SIZE(registers); i++) {
		offset = vfio_region(&m->target, VFIO_PCI_BAR0_REGION_INDEX +
				     i % nr_ports, &size);
		offset += registers[i / nr_ports];
		if (pread(m->target.fd,
			  &port[i % nr_ports].uart_reg[registers[i / nr_ports]],
			  1, offset) != 1)
			return -EIO;
	}
	return 0;
}

static int mtty_get_state(struct matrix *m, unsigned char *state)
{
	unsigned char stream[256];
	ssize_t len;

	if (vfio_state(&m->target) != VFIO_DEVICE_STATE_RUNNING)
		return mtty_get_registers(m, state);
	len = vfio_save(&m->target, stream, sizeof(stream), 0);
	if (len != (ssize_t)(sizeof(struct mtty_header) + m->state_len))
		return len < 0 ? len : -ENODATA;
	memcpy(state, stream + sizeof(struct mtty_header), m->state_len);
	return 0;
}

static const struct driver mtty = {
	.name = "mtty",
	.header_size = sizeof(struct mtty_header),
	.version_at = offsetof(struct mtty_header, major),
	.version_end = offsetof(struct mtty_header, nr_ports),
	.cost = 1,
	.load_error = -EFAULT,
	.run_error = -EINVAL,
	.set_up = mtty_set_up,
	.source = mtty_source,
	.version = mtty_version,
	.finish = no_tail,
	.get_state = mtty_get_state,
};

/* mdpy */

static void *mdpy_map(struct vfio_test_device *dev, size_t size)
{
	__u64 ignored;

	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd,
		    vfio_region(dev, VFIO_PCI_BAR0_REGION_INDEX, &ignored));
}

/* Fill the memory with random bytes, so that no part of it is like another part */
static int mdpy_fill(struct matrix *m, struct vfio_test_device *dev)
{
	unsigned char *memory;
	__u64 size;

	vfio_region(dev, VFIO_PCI_BAR0_REGION_INDEX, &size);
	memory = mdpy_map(dev, size);
	if (memory == MAP_FAILED)
		return -errno;
	fill_random(m, memory, size);
	munmap(memory, size);
	return 0;
}

static int mdpy_set_up(struct matrix *m)
{
	__u64 config_size, memory_size;
	unsigned char *stream;
	size_t size;
	int ret;

	vfio_region(&m->target, VFIO_PCI_CONFIG_REGION_INDEX, &config_size);
	vfio_region(&m->target, VFIO_PCI_BAR0_REGION_INDEX, &memory_size);
	m->state_len = config_size + memory_size;
	m->marker_len = MDPY_MARKER;
	m->marker_at = m->state_len - m->marker_len;

	size = sizeof(struct mdpy_header) + m->state_len + sizeof(__le32) + 1;
	stream = malloc(size);
	if (!stream)
		return -ENOMEM;
	ret = mdpy_fill(m, &m->source);
	ret = ret ?: use_stream(m, stream, vfio_save(&m->source, stream, size,
						     0));
	free(stream);
	if (ret)
		return ret;

	m->crc = mdpy_crc32(0, m->own_head, m->own_head_len);
	m->crc = mdpy_crc32(m->crc, m->state, m->marker_at);
	m->memory = mdpy_map(&m->target, memory_size);
	if (m->memory == MAP_FAILED)
		return -errno;
	m->memory_size = memory_size;
	return 0;
}

static int mdpy_source(struct matrix *m, bool other)
{
	struct mdpy_header *header = (void *)m->head;

	use_own_head(m);
	if (!other)
		return 0;
	if (!choose(m, 8))
		header->vendor = htole16(number_near(m, le16toh(header->vendor)));
	if (!choose(m, 8))
		header->device = htole16(number_near(m, le16toh(header->device)));
	header->major = htole32(number_near(m, le32toh(header->major)));
	header->minor = htole32(number_near(m, le32toh(header->minor)));
	return 0;
}

static size_t mdpy_version(struct matrix *m, char *text)
{
	const struct mdpy_header *header = (void *)m->head;

	return snprintf(text, TEXT_SIZE, "%04x:%04x-%u.%u\n",
			le16toh(header->vendor), le16toh(header->device),
			le32toh(header->major), le32toh(header->minor));
}

static void mdpy_finish(struct matrix *m)
{
	const struct mdpy_header *header = (void *)m->head;
	__u32 crc = m->crc;
	__le32 checksum;

	m->tail_len = 0;
	if (le32toh(header->minor) < MDPY_MINOR_CHECKSUM)
		return;

	if (memcmp(m->head, m->own_head, m->head_len)) {
		crc = mdpy_crc32(0, m->head, m->head_len);
		crc = mdpy_crc32(crc, m->state, m->marker_at);
	}
	checksum = htole32(mdpy_crc32(crc, m->state + m->marker_at,
				      m->marker_len));
	memcpy(m->state + m->state_len, &checksum, sizeof(checksum));
	m->tail_len = sizeof(checksum);
}

static int mdpy_get_state(struct matrix *m, unsigned char *state)
{
	__u64 offset, size;
	ssize_t ret;

	offset = vfio_region(&m->target, VFIO_PCI_CONFIG_REGION_INDEX, &size);
	ret = mdev_result(pread(m->target.fd, state, size, offset));
	if (ret != (ssize_t)size)
		return ret < 0 ? ret : -EIO;
	memcpy(state + size, m->memory, m->memory_size);
	return 0;
}

static const struct driver mdpy = {
	.name = "mdpy",
	.header_size = sizeof(struct mdpy_header),
	.version_at = offsetof(struct mdpy_header, vendor),
	.version_end = offsetof(struct mdpy_header, config_size),
	.cost = 4,
	.set_up = mdpy_set_up,
	.source = mdpy_source,
	.version = mdpy_version,
	.finish = mdpy_finish,
	.get_state = mdpy_get_state,
};

/* mdev_sim */

/* Take the versions in the rules, because the versions of sources are near to them */
static void sim_read_rules(struct matrix *m, const char *version,
			   const char *min, const char *max)
{
	const char *texts[SIM_NUMBERS] = { version, min, max };
	const char *number;
	size_t i, len;

	number = strrchr(version, '-');
	len = number ? number - version : (ssize_t)strlen(version);
	snprintf(m->device, sizeof(m->device), "%.*s", (int)len, version);
	for (i = 0; i < SIM_NUMBERS; i++) {
		number = i ? texts[i] : number ? number + 1 : "";
		if (!number || sscanf(number, "%u.%u", &m->numbers[i][0],
				      &m->numbers[i][1]) != 2)
			memmove(m->numbers[i], m->numbers[0],
				sizeof(m->numbers[i]));
	}
}

static int sim_set_rules(struct matrix *m, const char *version,
			 const char *min, const char *max, const char *error)
{
	sim_read_rules(m, version, min, max);
	return sim_set(SIM_TARGET, "version", version) ?:
	       sim_set(SIM_TARGET, "accept_min", min) ?:
	       sim_set(SIM_TARGET, "accept_max", max) ?:
	       sim_set(SIM_TARGET, "check_errno", error);
}

static void number_text(struct matrix *m, char *text, size_t size)
{
	const __u32 *near = m->numbers[choose(m, SIM_NUMBERS)];

	snprintf(text, size, "%u.%u", number_near(m, near[0]),
		 number_near(m, near[1]));
}

/* New rules are near to the old ones, so that old sources are near to the new rules */
static int sim_change_rules(struct matrix *m)
{
	char version[64], min[32] = "", max[32] = "", error[8] = "0";

	/* Otherwise the versions would end at boundaries, far from each other */
	if (!choose(m, 16))
		memset(m->numbers, 0, sizeof(m->numbers));

	snprintf(version, sizeof(version), "dev-");
	number_text(m, version + 4, sizeof(version) - 4);
	if (choose(m, 2))
		number_text(m, min, sizeof(min));
	if (choose(m, 2))
		number_text(m, max, sizeof(max));
	if (!choose(m, 16))
		snprintf(error, sizeof(error), "%u", 1 + choose(m, 511));
	return sim_set_rules(m, version, min, max, error);
}

static int sim_set_up(struct matrix *m)
{
	static const char * const parents[] = { SIM_SOURCE, SIM_TARGET };
	const struct rules *rules = m->rules;
	char size[16];
	size_t i;
	int ret;

	snprintf(size, sizeof(size), "%u", SIM_STATE_SIZE);
	ret = sim_begin();
	for (i = 0; i < ARRAY_SIZE(parents); i++) {
		ret = ret ?: sim_make(parents[i]);
		ret = ret ?: sim_set(parents[i], "state_size", size);
		if (rules->pre_copy)
			ret = ret ?: sim_set(parents[i], "pre_copy", "1");
		ret = ret ?: sim_live(parents[i], "1");
	}
	ret = ret ?: sim_set_rules(m, rules->version, rules->accept_min,
				   rules->accept_max, "0");
	ret = ret ?: sim_create(&m->source, SIM_SOURCE);
	ret = ret ?: sim_create(&m->target, SIM_TARGET);
	if (ret)
		return ret;

	/* The head and the state are new for each pair */
	m->state_len = SIM_REGS_SIZE + SIM_STATE_SIZE;
	m->marker_len = m->state_len;
	return allocate(m);
}

/* Make a version near the versions in the rules, with their device or a similar one */
static void sim_other_version(struct matrix *m, char *text, size_t size)
{
	static const char * const wrong[] = { "", "x", "-", " ", "0", "\\" };
	char number[32];
	size_t len;

	number_text(m, number, sizeof(number));
	/* If it does not have a number, the string as a whole is the version */
	if (!strrchr(m->rules->version, '-'))
		number[0] = '\0';
	len = snprintf(text, size, "%s%s%s", m->device, number[0] ? "-" : "",
		       number);

	switch (choose(m, 24)) {
	case 0:
		/* Replace a character */
		text[choose(m, len)] = ' ' + choose(m, 95);
		break;
	case 1:
		/* Remove the first character; other cases add one in front or behind */
		memmove(text, text + 1, len);
		break;
	case 2:
		snprintf(text, size, "%s%s-%s",
			 wrong[choose(m, ARRAY_SIZE(wrong))], m->device, number);
		break;
	case 3:
		snprintf(text, size, "%s-%s%s", m->device,
			 wrong[choose(m, ARRAY_SIZE(wrong))], number);
		break;
	case 4:
		snprintf(text, size, "%s-%s%s", m->device, number,
			 wrong[choose(m, ARRAY_SIZE(wrong))]);
		break;
	}
}

/* Save a device whose type shows this version */
static int sim_source(struct matrix *m, bool other)
{
	static unsigned char stream[HEAD_MAX + SIM_REGS_SIZE + SIM_STATE_SIZE +
				    1];
	const struct sim_header *header = (void *)stream;
	char text[256];
	ssize_t len;
	int ret = 0;

	if (m->rules->change)
		ret = sim_change_rules(m);
	if (ret)
		return ret;

	if (other) {
		sim_other_version(m, text, sizeof(text));
	} else {
		len = mdev_read_attr(m->type_dir, "migration_version", text,
				     sizeof(text));
		if (len <= 0)
			return len ?: -ENODATA;
		text[len - 1] = '\0';
	}

	ret = sim_set(SIM_SOURCE, "version", text);
	if (ret)
		return ret;
	len = mdev_read_attr(SIM_SOURCE_DIR, "migration_version", m->shown,
			     sizeof(m->shown));
	if (len <= 0)
		return len ?: -ENODATA;

	len = sim_save(&m->source, m->rules->pre_copy, stream, sizeof(stream));
	if (len < (ssize_t)sizeof(*header))
		return len < 0 ? len : -ENODATA;
	m->own_head_len = sizeof(*header) + le32toh(header->version_len);
	if (len != (ssize_t)(m->own_head_len + m->state_len))
		return -EBADMSG;
	memcpy(m->own_head, stream, m->own_head_len);
	use_own_head(m);
	/* If the length of the version is flipped to a larger one, these bytes follow */
	memset(m->head + m->head_len, choose(m, 2) ? '0' : '\0',
	       sizeof(m->head) - m->head_len);
	return 0;
}

static size_t sim_version(struct matrix *m, char *text)
{
	const struct sim_header *header = (void *)m->head;
	size_t len = le32toh(header->version_len);

	/* A version that is one byte longer cannot be asked about */
	if (len > SIM_VERSION_MAX) {
		len = SIM_VERSION_MAX + 1;
		memset(text, '0', len);
		m->head_len = sizeof(*header);
	} else {
		memcpy(text, header + 1, len);
		m->head_len = sizeof(*header) + len;
	}
	text[len] = '\n';
	text[len + 1] = '\0';
	return len + 1;
}

static int sim_get_state(struct matrix *m, unsigned char *state)
{
	ssize_t ret;

	ret = sim_read_bar(&m->target, state, SIM_REGS_SIZE, 0);
	if (ret == SIM_REGS_SIZE)
		ret = sim_read_bar(&m->target, state + SIM_REGS_SIZE,
				   SIM_STATE_SIZE, SIM_BUFFER);
	return ret < 0 ? ret : ret == SIM_STATE_SIZE ? 0 : -EIO;
}

static const struct driver sim = {
	.name = "mdev_sim",
	.header_size = sizeof(struct sim_header),
	.version_at = offsetof(struct sim_header, version_len),
	.version_end = offsetof(struct sim_header, state_size),
	.cost = 1,
	.set_up = sim_set_up,
	.source = sim_source,
	.version = sim_version,
	.finish = no_tail,
	.get_state = sim_get_state,
};

/* Pairs */

/* Each field of the header beside the version has one right value */
static bool has_a_source(const struct matrix *m)
{
	const struct driver *driver = m->driver;

	return !memcmp(m->head, m->own_head, driver->version_at) &&
	       !memcmp(m->head + driver->version_end,
		       m->own_head + driver->version_end,
		       driver->header_size - driver->version_end);
}

/*
 * Write @len bytes of the stream from @at on.  Returns 0, or an errno, which is @ret if
 * the target has rejected the stream before.
 */
static int write_part(struct matrix *m, const unsigned char *at, size_t len,
		      int ret)
{
	int now = len ? vfio_write_stream(&m->target, at, len, len) : ret;

	/* A stream that was rejected stays rejected */
	if (ret && !now)
		return -ENOTRECOVERABLE;
	return ret ?: now;
}

/*
 * Load the stream.  Returns 0 if the target runs with it, or the first errno;
 * -ENOTRECOVERABLE if a call failed and the target has gone on with the stream.  The
 * result must not depend on the place at which the head is cut into two writes, or on
 * whether the source looks at errors.
 */
static int load(struct matrix *m, struct pair *pair)
{
	size_t first = choose(m, m->head_len + 1), rest = m->head_len - first;
	unsigned char *head = m->state - m->head_len;
	bool at_once = !choose(m, 16), looks = choose(m, 8);
	int ret;

	pair->run = vfio_set_state(&m->target, VFIO_DEVICE_STATE_RESUMING);
	if (pair->run)
		return -ENOTRECOVERABLE;

	memcpy(head, m->head, m->head_len);
	if (at_once) {
		m->driver->finish(m);
		ret = write_part(m, head, m->head_len + m->state_len +
				 m->tail_len, 0);
	} else {
		ret = write_part(m, head, first, 0);
		ret = write_part(m, head + first, rest, ret);
	}
	if (!at_once && (!ret || !looks)) {
		m->driver->finish(m);
		ret = write_part(m, m->state, m->state_len + m->tail_len, ret);
	}

	pair->run = vfio_set_state(&m->target, VFIO_DEVICE_STATE_RUNNING);
	if (!pair->run &&
	    (ret || vfio_state(&m->target) != VFIO_DEVICE_STATE_RUNNING))
		return -ENOTRECOVERABLE;
	return ret ?: pair->run;
}

static bool is_expected(const struct matrix *m, const struct pair *pair)
{
	if (pair->run != (m->driver->run_error ?: pair->outcome))
		return false;
	if (m->driver->load_error)
		return pair->outcome == m->driver->load_error;
	/* The rest of the header may be judged before the version, or after it */
	return (pair->verdict && pair->outcome == pair->verdict) ||
	       (!has_a_source(m) && pair->outcome == -EINVAL);
}

static enum disagreement compare(const struct matrix *m,
				 const struct pair *pair)
{
	if (pair->outcome == -ENOTRECOVERABLE)
		return REFUSED_BUT_LOADED;
	if (!pair->outcome && !has_a_source(m))
		return NO_SOURCE_BUT_LOADED;
	if (!pair->outcome && pair->verdict)
		return REFUSED_BUT_LOADED;
	if (pair->outcome && !pair->verdict && has_a_source(m))
		return ACCEPTED_NOT_LOADED;
	if (pair->outcome && !is_expected(m, pair))
		return OTHER_ERRNO;
	if (!pair->outcome && memcmp(m->after, m->state, m->state_len))
		return STATE_NOT_ARRIVED;
	if (pair->outcome && memcmp(m->after, m->before, m->state_len))
		return STATE_CHANGED;
	return NONE;
}

/* Ask about the source with this head and state, and load its stream */
static int try_pair(struct matrix *m, struct pair *pair)
{
	size_t len = m->driver->version(m, pair->version);
	ssize_t asked;
	int ret;

	asked = mdev_check(m->type_dir, pair->version, len);
	pair->verdict = asked < 0 ? asked : 0;
	if (asked >= 0 && asked != (ssize_t)len)
		return -EIO;

	fill_random(m, m->state + m->marker_at, m->marker_len);
	ret = m->driver->get_state(m, m->before);
	if (ret)
		return ret;

	pair->outcome = load(m, pair);
	ret = m->driver->get_state(m, m->after);
	pair->disagreement = compare(m, pair);

	/* The next pair needs a target that runs */
	vfio_close_fd(&m->target.data_fd);
	if (!ret && vfio_state(&m->target) != VFIO_DEVICE_STATE_RUNNING)
		ret = vfio_reset(&m->target);
	return ret;
}

static const char *name(int ret)
{
	return ret ? strerror(-ret) : "yes";
}

static void print_pair(struct __test_metadata *_metadata,
		       const struct matrix *m, const struct pair *pair)
{
	char head[2 * PRINTED_BYTES + 1] = "", version[PRINTED_BYTES + 1] = "";
	size_t i;

	for (i = 0; i < m->head_len && i < PRINTED_BYTES; i++)
		snprintf(head + 2 * i, 3, "%02x", m->head[i]);
	/* The head has bytes that are not characters of a line */
	for (i = 0; i < strlen(pair->version) && i < PRINTED_BYTES; i++)
		version[i] = pair->version[i] >= ' ' && pair->version[i] <= '~' ?
			     pair->version[i] : '?';
	TH_LOG("pair %lu of %s: %s", pair->index, m->driver->name,
	       disagreements[pair->disagreement]);
	TH_LOG("  head %s, version %s", head, version);
	TH_LOG("  verdict: %s; outcome: %s; to run: %s", name(pair->verdict),
	       name(pair->outcome), name(pair->run));
}

/* Run all pairs, and print pairs without agreement if @print */
static void run_pairs(struct __test_metadata *_metadata, struct matrix *m,
		      bool flips, bool print, struct tally *tally)
{
	unsigned long printed = 0;
	struct pair pair;
	int ret;

	TH_LOG("MDEV_VERDICT_PAIRS=%lu MDEV_VERDICT_SEED=%lu: %lu pairs of %s",
	       m->pairs, m->seed, m->pairs / m->driver->cost, m->driver->name);
	m->pairs /= m->driver->cost;

	for (pair.index = 0; pair.index < m->pairs; pair.index++) {
		ret = m->driver->source(m, !flips);
		ASSERT_EQ(0, ret)
			TH_LOG("pair %lu: a source cannot be made: %s", pair.index, name(ret));
		if (flips)
			flip_bytes(m);
		ret = try_pair(m, &pair);
		ASSERT_EQ(0, ret)
			TH_LOG("pair %lu: %s", pair.index, name(ret));

		if (m->driver == &sim && !flips)
			ASSERT_STREQ(m->shown, pair.version);
		if (!has_a_source(m) || pair.verdict)
			tally->refused++;
		else
			tally->accepted++;
		tally->loaded += !pair.outcome;
		tally->disagreements[pair.disagreement]++;
		if (pair.disagreement && print && printed++ < PRINTED_MAX)
			print_pair(_metadata, m, &pair);
	}
	TH_LOG("%lu accepted, %lu refused, %lu loaded, %lu disagree",
	       tally->accepted, tally->refused, tally->loaded,
	       m->pairs - tally->disagreements[NONE]);
}

static int begin(struct matrix *m)
{
	const char *other = m->rules->version ?: m->type_dir;
	int ret;

	m->source = vfio_no_device;
	m->target = vfio_no_device;
	m->pairs = mdev_number_from("MDEV_VERDICT_PAIRS", PAIRS_DEFAULT);
	m->seed = mdev_number_from("MDEV_VERDICT_SEED", 1);
	/* The choices are not the same for each of the targets */
	for (m->random = m->seed; *other; other++)
		m->random = 31 * m->random + *other;
	if (m->driver != &sim) {
		ret = vfio_create(&m->source, m->type_dir) ?:
		      vfio_create(&m->target, m->type_dir);
		if (ret)
			return ret;
	}
	return m->driver->set_up(m);
}

static int end(struct matrix *m)
{
	int ret, other;

	if (m->state)
		free(m->state - HEAD_MAX);
	/* A mapping keeps the device open */
	if (m->memory_size)
		munmap(m->memory, m->memory_size);
	ret = vfio_remove(&m->source);
	other = vfio_remove(&m->target);
	if (m->driver == &sim)
		ret = ret ?: sim_remove_all();
	return ret ?: other;
}

FIXTURE(matrix) {
	struct matrix m;
	int begun;
	struct tally tally;
};

FIXTURE_VARIANT(matrix) {
	const struct driver *driver;
	const char *type_dir;
	struct rules rules;
};

FIXTURE_VARIANT_ADD(matrix, mdpy) {
	.driver = &mdpy,
	.type_dir = MDEV_TYPE_DIR("mdpy", "mdpy-vga"),
};

FIXTURE_VARIANT_ADD(matrix, sim_own_version) {
	.driver = &sim,
	.type_dir = SIM_TARGET_DIR,
	.rules = { "dev-1.2", "", "" },
};

FIXTURE_VARIANT_ADD(matrix, sim_range) {
	.driver = &sim,
	.type_dir = SIM_TARGET_DIR,
	.rules = { "dev-2.1", "1.9", "2.10" },
};

FIXTURE_VARIANT_ADD(matrix, sim_all_older) {
	.driver = &sim,
	.type_dir = SIM_TARGET_DIR,
	.rules = { "a-dev-2.0", "0.0", "" },
};

FIXTURE_VARIANT_ADD(matrix, sim_all_newer) {
	.driver = &sim,
	.type_dir = SIM_TARGET_DIR,
	.rules = { "dev-0.9", "", "4294967295.4294967295" },
};

FIXTURE_VARIANT_ADD(matrix, sim_no_number) {
	.driver = &sim,
	.type_dir = SIM_TARGET_DIR,
	.rules = { "version of June", "", "" },
};

FIXTURE_VARIANT_ADD(matrix, sim_other_rules_each_time) {
	.driver = &sim,
	.type_dir = SIM_TARGET_DIR,
	.rules = { "dev-1.2", "", "", .change = true },
};

FIXTURE_VARIANT_ADD(matrix, sim_pre_copy) {
	.driver = &sim,
	.type_dir = SIM_TARGET_DIR,
	.rules = { "dev-2.1", "1.9", "2.10", .pre_copy = true },
};

FIXTURE_VARIANT_ADD(matrix, mtty_one_port) {
	.driver = &mtty,
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
};

FIXTURE_VARIANT_ADD(matrix, mtty_two_ports) {
	.driver = &mtty,
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
};

FIXTURE_SETUP(matrix)
{
	self->m.driver = variant->driver;
	self->m.type_dir = variant->type_dir;
	self->m.rules = &variant->rules;
	self->begun = begin(&self->m);
	ASSERT_LE(PAIRS_MIN, (long)self->m.pairs);
}

FIXTURE_TEARDOWN(matrix)
{
	EXPECT_EQ(0, end(&self->m));
}

/* The test shows something only if both verdicts occur */
#define EXPECT_BOTH() do { \
	EXPECT_LT(self->m.pairs / 32, self->tally.accepted); \
	EXPECT_LT(self->m.pairs / 32, self->tally.refused); \
} while (0)

static const char *why_not(const struct driver *driver, int begun)
{
	if (driver == &mtty && begun == -ENOTTY)
		return MTTY_LACKS_MIGRATION;
	if (driver == &sim && begun == -EOPNOTSUPP)
		return SIM_LACKS_PRE_COPY;
	return NULL;
}

TEST_F(matrix, verdict_is_the_outcome_for_random_versions)
{
	const char *why = why_not(variant->driver, self->begun);

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, self->begun);
	run_pairs(_metadata, &self->m, false, true, &self->tally);
	EXPECT_EQ(self->m.pairs, self->tally.disagreements[NONE]);
	EXPECT_BOTH();
}

TEST_F(matrix, verdict_is_the_outcome_for_flipped_bytes)
{
	const char *why = why_not(variant->driver, self->begun);

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, self->begun);
	run_pairs(_metadata, &self->m, true, true, &self->tally);
	EXPECT_EQ(self->m.pairs, self->tally.disagreements[NONE]);
	EXPECT_BOTH();
}

/* The test notices a target whose outcome is not its verdict */

FIXTURE(control) {
	struct matrix m;
	struct rules rules;
	struct tally tally;
};

FIXTURE_SETUP(control)
{
	self->rules.version = "dev-2.1";
	self->rules.accept_min = "1.9";
	self->rules.accept_max = "2.10";
	self->m.driver = &sim;
	self->m.type_dir = SIM_TARGET_DIR;
	self->m.rules = &self->rules;
	ASSERT_EQ(0, begin(&self->m));
	ASSERT_LE(PAIRS_MIN, (long)self->m.pairs);
}

FIXTURE_TEARDOWN(control)
{
	EXPECT_EQ(0, end(&self->m));
}

TEST_F(control, load_of_a_refused_version_is_noticed)
{
	const unsigned long *disagreements = self->tally.disagreements;

	ASSERT_EQ(0, sim_set(SIM_TARGET, "load", "accept"));
	run_pairs(_metadata, &self->m, false, false, &self->tally);
	EXPECT_BOTH();
	EXPECT_EQ(self->tally.accepted, disagreements[NONE]);
	EXPECT_EQ(self->tally.refused, disagreements[REFUSED_BUT_LOADED]);
}

TEST_F(control, failed_load_of_an_accepted_version_is_noticed)
{
	const unsigned long *disagreements = self->tally.disagreements;

	ASSERT_EQ(0, sim_set(SIM_TARGET, "load", "reject"));
	run_pairs(_metadata, &self->m, false, false, &self->tally);
	EXPECT_BOTH();
	EXPECT_EQ(self->tally.accepted, disagreements[ACCEPTED_NOT_LOADED]);
	/* Some pairs are refused by the verdict for another reason than the version */
	EXPECT_EQ(self->tally.refused,
		  disagreements[NONE] + disagreements[OTHER_ERRNO]);
	EXPECT_LT(0, (long)disagreements[NONE]);
	EXPECT_LT(0, (long)disagreements[OTHER_ERRNO]);
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	sim_device_require();
	return test_harness_run(argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads, writes, creations and removals from several threads at once, while
 * the vendor drivers go away and come back, for a given number of operations
 *
 * The run is made of rounds of four phases.  A phase is over when each thread has done its
 * share of it.  A share is a number of operations and not a time, so that each kind of
 * operation meets its phase, however slow the machine is:
 *
 *	steady	 the drivers are there, and each answer can be predicted
 *	leaving	 the drivers are unloaded at some point
 *	away	 the drivers are absent, and each answer can be predicted
 *	coming	 the drivers are loaded at some point
 *
 * MDEV_STRESS_OPERATIONS is the number of operations.  MDEV_STRESS_SEED makes another
 * choice of types, strings and devices.
 */

#include <pthread.h>
#include <semaphore.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#include "core_test_utils.h"
#include "random_test_utils.h"

#define OPERATIONS_DEFAULT	2000
#define OPERATIONS_MIN		2000UL
#define OPERATIONS_A_ROUND	2000
#define ROUNDS_MIN		10

/* A round of a stock kernel takes 0.2 s, one with KASAN some seconds */
#define TIMEOUT			7200

#define ASKERS			4
#define MAKERS			3
#define WORKERS			(ASKERS + MAKERS)
#define ASKER_PERCENT		70

enum phase {
	STEADY,
	LEAVING,
	AWAY,
	COMING,
	PHASES,
};

/* Shares of the phases in the operations of a round */
static const unsigned int weights[PHASES] = {
	[STEADY] = 4,
	[LEAVING] = 3,
	[AWAY] = 1,
	[COMING] = 2,
};

#define WEIGHTS			10

enum operation {
	READ,
	WRITE_GOOD,
	WRITE_BAD,
	WRITE_LENGTH,
	CREATE,
	REMOVE,
	LOAD,
	UNLOAD,
	LIVE,
	DEAD,
	KINDS,
};

static const char * const kind_names[KINDS] = {
	[READ] = "read",
	[WRITE_GOOD] = "write of a good version",
	[WRITE_BAD] = "write of a bad version",
	[WRITE_LENGTH] = "write of another length",
	[CREATE] = "create",
	[REMOVE] = "remove",
	[LOAD] = "load a module",
	[UNLOAD] = "unload a module",
	[LIVE] = "register a parent",
	[DEAD] = "unregister a parent",
};

/* The simulator, if its module is there: a parent with one type */
#define SIM_CONFIGFS		"/sys/kernel/config"
#define SIM_PARENTS		SIM_CONFIGFS "/mdev-sim"
#define SIM_PARENT		SIM_PARENTS "/stress"
#define SIM_TYPE		SIM_PARENT "/a"

static int sim_live(const char *dir)
{
	ssize_t ret = mdev_write_attr(dir, "live", "1", 1);

	return ret < 0 ? ret : 0;
}

static int sim_dead(const char *dir)
{
	ssize_t ret = mdev_write_attr(dir, "live", "0", 1);

	return ret < 0 ? ret : 0;
}

static int sim_load(void)
{
	int ret = mdev_module_ensure("mdev_sim");

	if (ret)
		return ret;
	if (!access(SIM_PARENTS, F_OK))
		return 0;
	/* The module has added its directory if configfs is mounted already */
	mount("none", SIM_CONFIGFS, "configfs", 0, NULL);
	return mdev_result(access(SIM_PARENTS, F_OK));
}

static int sim_set_up(void)
{
	int ret = sim_load();

	if (ret)
		return ret;
	if (mkdir(SIM_PARENT, 0755) || mkdir(SIM_TYPE, 0755))
		return -errno;
	return sim_live(SIM_PARENT);
}

static int sim_tear_down(void)
{
	if (!access(SIM_PARENT, F_OK)) {
		sim_dead(SIM_PARENT);
		rmdir(SIM_TYPE);
		rmdir(SIM_PARENT);
	}
	return mdev_module_loaded("mdev_sim") ?
		mdev_module_unload("mdev_sim") : 0;
}

/* A module, or the parent of the simulator, which comes and goes in a phase */
struct provider {
	const char *name;
	enum operation up_kind;
	enum operation down_kind;
	int (*up)(const char *name);
	int (*down)(const char *name);
};

static const struct provider providers[] = {
	{ "mtty", LOAD, UNLOAD, mdev_module_load, mdev_module_unload },
	{ "mdpy", LOAD, UNLOAD, mdev_module_load, mdev_module_unload },
	{ "mbochs", LOAD, UNLOAD, mdev_module_load, mdev_module_unload },
	{ SIM_PARENT, LIVE, DEAD, sim_live, sim_dead },
};

/* The last provider exists only with the simulator */
#define MODULES			(ARRAY_SIZE(providers) - 1)
#define THREADS_MAX		(WORKERS + ARRAY_SIZE(providers))

/*
 * @device and @minor make the version of the type, which does not have one if @device is
 * NULL.  If @full, the devices of this test can use up the parent, so that create fails
 * with EUSERS; other parents have room for all devices.
 */
struct type {
	const char *dir;
	const char *device;
	int minor;
	int lowest_minor;
	bool full;
};

#define MTTY(name)	{ MDEV_TYPE_DIR("mtty", name), "4348:3253", 0, 0, false }
#define MDPY(name)	{ MDEV_TYPE_DIR("mdpy", name), "1b36:000f", 1, 0, true }
#define MBOCHS(name)	{ .dir = MDEV_TYPE_DIR("mbochs", name) }

static const struct type types[] = {
	MTTY("mtty-1"), MBOCHS("mbochs-small"),
	MDPY("mdpy-vga"), MDPY("mdpy-xga"), MDPY("mdpy-hd"), MTTY("mtty-2"),
	MBOCHS("mbochs-medium"), MBOCHS("mbochs-large"),
	{ MDEV_TYPE_DIR("mdev-sim-stress", "mdev-sim-a"), "mdev-sim", 0, 0, false },
};

/*
 * Beginnings of types[]: types that are asked, types of which a maker has a device of its
 * own, and types that always have room for such a device
 */
#define ASKED_TYPES		6
#define OWN_TYPES		5
#define ROOMY_TYPES		2
/* All types but the last one, which exists only with the simulator */
#define SAMPLE_TYPES		(ARRAY_SIZE(types) - 1)

/* Number of steps in which a worker does each of its operations once */
#define ASKER_STEPS		8
#define MAKER_STEPS		6

/* Devices that any maker creates and removes, besides one of each maker */
#define POOL			3

struct count {
	unsigned long done;
	/* Result that an operation has if nothing interferes */
	unsigned long succeeded;
	/* The driver was not there */
	unsigned long gone;
	/* Another thread was faster */
	unsigned long busy;
};

/* A file of an asker that stays open for as long as it can be used */
struct kept {
	int fd;
	unsigned long generation;
};

/* The device of a maker */
enum device_state {
	ABSENT,
	PRESENT,
	UNKNOWN,
};

struct run;

struct thread {
	pthread_t id;
	struct run *run;
	unsigned int index;
	unsigned long long random;
	unsigned long phase;
	struct count counts[KINDS];
	/* Number of wrong results, and the first one */
	unsigned long wrongs;
	char wrong[256];

	struct kept kept[ARRAY_SIZE(types)];
	unsigned long step;
	const struct type *type;
	enum device_state device;
	char uuid[MDEV_UUID_SIZE];
};

struct run {
	unsigned long operations;
	unsigned long rounds;
	unsigned long long seed;
	pthread_barrier_t barrier;
	/* Number of operations of the workers so far */
	unsigned long done;
	/* Number of these after which a provider begins, for each provider and phase */
	unsigned long *triggers;
	sem_t begin[ARRAY_SIZE(providers)];
	unsigned int providers;
	unsigned int threads_used;
	char pool[POOL][MDEV_UUID_SIZE];
	struct thread threads[THREADS_MAX];
};

static unsigned int choose(struct thread *t, unsigned int n)
{
	return mdev_random(&t->random) % n;
}

static bool has_sim(const struct run *run)
{
	return run->providers > MODULES;
}

/* Choose one of the first @n types, or the type of the simulator */
static const struct type *choose_type(struct thread *t, unsigned int n)
{
	unsigned int i = choose(t, n + has_sim(t->run));

	return i < n ? &types[i] : &types[SAMPLE_TYPES];
}

static void make_uuid(unsigned long long *random, char *uuid)
{
	unsigned long long a = mdev_random(random), b = mdev_random(random);

	snprintf(uuid, MDEV_UUID_SIZE, "%08x-%04x-4%03x-8%03x-%012llx",
		 (unsigned int)(a >> 32), (unsigned int)(a >> 16) & 0xffff,
		 (unsigned int)a & 0xfff, (unsigned int)(b >> 48) & 0xfff,
		 b & 0xffffffffffff);
}

/*
 * Return the number of operations that a worker has done before a phase begins: the
 * difference of two phases is its share
 */
static unsigned long share_before(const struct run *run, unsigned int worker,
				  unsigned long phase)
{
	unsigned long all = run->operations - 2 * run->rounds * run->providers;
	unsigned long askers = all * ASKER_PERCENT / 100;
	unsigned long long own, weight = phase / PHASES * WEIGHTS;
	unsigned int i;

	if (worker < ASKERS)
		own = askers * (worker + 1) / ASKERS - askers * worker / ASKERS;
	else
		own = (all - askers) * (worker - ASKERS + 1) / MAKERS -
		      (all - askers) * (worker - ASKERS) / MAKERS;
	for (i = 0; i < phase % PHASES; i++)
		weight += weights[i];
	return own * weight / (WEIGHTS * run->rounds);
}

static unsigned long done_before(const struct run *run, unsigned long phase)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < WORKERS; i++)
		sum += share_before(run, i, phase);
	return sum;
}

/* Results that an operation may have */
struct verdict {
	/* State of the driver for this operation; LEAVING and COMING are the same */
	enum phase state;
	/* The result if the driver is there, and the result if it is away */
	long wanted;
	long gone;
	/* Other results, if another thread interferes; ends with 0 */
	const int *busy;
};

static bool among(long result, const int *list)
{
	for (; list && *list; list++)
		if (result == *list)
			return true;
	return false;
}

static void note(struct thread *t, enum operation kind, const struct verdict *v,
		 const char *what, long result)
{
	struct count *count = &t->counts[kind];
	bool moving = v->state == LEAVING || v->state == COMING;

	count->done++;
	if (v->state != AWAY && result == v->wanted) {
		count->succeeded++;
	} else if (v->state == AWAY ? result == v->gone :
		   moving && (result == -ENODEV || result == -ENOENT)) {
		count->gone++;
	} else if (v->state != AWAY && among(result, v->busy)) {
		count->busy++;
	} else if (!t->wrongs++) {
		snprintf(t->wrong, sizeof(t->wrong),
			 "%s, %s, phase %lu (%u): %ld instead of %ld",
			 kind_names[kind], what, t->phase, v->state, result,
			 v->state == AWAY ? v->gone : v->wanted);
	}
}

static enum phase phase_of(const struct thread *t)
{
	return t->phase % PHASES;
}

/* Return how often the drivers have come back; the last time may be under way */
static unsigned long generation_of(const struct thread *t)
{
	return (t->phase + 1) / PHASES;
}

/* Askers */

/* The text is longer than one write to sysfs, if a page has 4 KiB */
#define TEXT_SIZE	5000

/* Versions that the driver or the core refuses, at any length; %s is the device */
static const struct {
	const char *format;
	int result;
} bad_versions[] = {
	{ "0000:0000-1.0", -EXDEV },
	{ "%s-2.0", -EPROTONOSUPPORT },
	{ "%s-0.0", -EPROTONOSUPPORT },
	{ "%s-1.9\n", -EPROTONOSUPPORT },
	{ "\n", -EINVAL },
	{ "%s-1.0\n\n", -EINVAL },
	{ "%s-1.0 ", -EINVAL },
	{ "%s\t-1.0", -EINVAL },
	{ "%s-1.0\xff", -EINVAL },
	{ "no version of this driver", -EINVAL },
};

/* Fill in the bytes to write, and return the number of bytes */
static size_t make_text(struct thread *t, const struct type *type,
			enum operation kind, char *text, long *result)
{
	const char *device = type->device ?: "none";
	int minor = type->minor;
	unsigned int i;
	size_t len;

	if (kind == WRITE_BAD) {
		i = choose(t, ARRAY_SIZE(bad_versions));
		*result = bad_versions[i].result;
		return snprintf(text, TEXT_SIZE, bad_versions[i].format,
				device);
	}

	if (kind == WRITE_GOOD)
		minor -= choose(t, minor - type->lowest_minor + 1);
	len = snprintf(text, TEXT_SIZE, "%s-1.%d", device, minor);
	if (kind == WRITE_GOOD) {
		if (choose(t, 2))
			text[len++] = '\n';
		*result = len;
		return len;
	}

	*result = -EINVAL;
	switch (choose(t, 8)) {
	case 0:
		*result = 0;
		return 0;
	case 1:
		return 1;
	case 2:
		return len - 1;
	case 3:
		/* The text ends with its NUL */
		return len + 1;
	case 4:
		memset(text, 'x', 4095);
		return 4095;
	case 5:
		memset(text, 'x', 4095);
		text[4095] = '\n';
		return 4096;
	case 6:
		memset(text, 'x', 4096);
		*result = -E2BIG;
		return 4096;
	default:
		memset(text, 'x', TEXT_SIZE);
		*result = -E2BIG;
		return TEXT_SIZE;
	}
}

/* Read or write the attribute once, and set the result that it must have in @v */
static long ask_file(struct thread *t, int fd, const struct type *type,
		     enum operation kind, struct verdict *v)
{
	char text[TEXT_SIZE], buf[64];
	size_t len;
	long ret;

	len = make_text(t, type, kind == READ ? WRITE_GOOD : kind, text,
			&v->wanted);
	if (!type->device)
		v->wanted = -ENOENT;
	if (fd < 0)
		return fd;
	if (kind != READ)
		return mdev_result(write(fd, text, len));

	len = snprintf(text, sizeof(text), "%s-1.%d\n", type->device,
		       type->minor);
	if (type->device)
		v->wanted = len;
	ret = mdev_result(pread(fd, buf, sizeof(buf), 0));
	if (ret > 0 && (ret != (long)len || memcmp(buf, text, len)))
		return -EBADMSG;
	return ret;
}

static void ask_dir(struct thread *t, const char *dir, const struct type *type,
		    enum operation kind, struct verdict *v)
{
	char path[MDEV_PATH_SIZE];
	long ret;
	int fd;

	snprintf(path, sizeof(path), "%s/migration_version", dir);
	fd = mdev_result(open(path, O_RDWR));
	ret = ask_file(t, fd, type, kind, v);
	if (fd >= 0)
		close(fd);
	note(t, kind, v, dir, ret);
}

/* The file of a driver that has gone stays dead when the driver comes back */
static void ask_kept(struct thread *t, const struct type *type, enum operation kind,
		     struct verdict *v)
{
	struct kept *kept = &t->kept[type - types];
	char path[MDEV_PATH_SIZE];
	long ret;

	if (kept->fd < 0) {
		snprintf(path, sizeof(path), "%s/migration_version", type->dir);
		kept->fd = mdev_result(open(path, O_RDWR));
		kept->generation = generation_of(t);
	} else {
		v->gone = -ENODEV;
		if (kept->generation != generation_of(t))
			v->state = AWAY;
	}

	ret = ask_file(t, kept->fd, type, kind, v);
	note(t, kind, v, type->dir, ret);
	if (kept->fd >= 0 && ret == -ENODEV) {
		close(kept->fd);
		kept->fd = -1;
	}
}

static void ask(struct thread *t)
{
	static const enum operation kinds[] = {
		READ, WRITE_GOOD, WRITE_BAD, WRITE_LENGTH,
	};
	const struct type *type = choose_type(t, ASKED_TYPES);
	struct verdict v = { .state = phase_of(t), .gone = -ENOENT };
	unsigned int i = t->step++ % ASKER_STEPS;

	if (i < ARRAY_SIZE(kinds))
		ask_dir(t, type->dir, type, kinds[i], &v);
	else
		ask_kept(t, type, kinds[i - ARRAY_SIZE(kinds)], &v);
}

/* Makers */

static long create(const char *type_dir, const char *uuid)
{
	long ret = mdev_write_attr(type_dir, "create", uuid, strlen(uuid));

	return ret < 0 ? ret : 0;
}

static void make_own(struct thread *t)
{
	static const int again[] = { -EAGAIN, -EEXIST, -EUSERS, 0 };
	static const int is_full[] = { -EUSERS, 0 };
	struct verdict v = {
		.state = phase_of(t),
		.gone = -ENOENT,
		.busy = again,
	};
	long ret;

	/* A device that exists keeps its type */
	if (t->device == ABSENT)
		t->type = choose_type(t, t->index == ASKERS ? ROOMY_TYPES :
							      OWN_TYPES);
	if (v.state == STEADY)
		v.busy = t->type->full ? is_full : NULL;
	ret = create(t->type->dir, t->uuid);
	note(t, CREATE, &v, t->type->dir, ret);
	if (v.state != STEADY)
		t->device = UNKNOWN;
	else if (!ret)
		t->device = PRESENT;
}

static void remove_own(struct thread *t)
{
	static const int again[] = { -EAGAIN, 0 };
	static const int not_there[] = { -ENOENT, 0 };
	struct verdict v = {
		.state = phase_of(t),
		.gone = -ENOENT,
		.busy = again,
	};

	if (v.state == STEADY) {
		v.busy = t->device == UNKNOWN ? not_there : NULL;
		if (t->device == ABSENT)
			v.state = AWAY;
	}
	note(t, REMOVE, &v, "own device", mdev_remove(t->uuid));
	t->device = phase_of(t) == STEADY ? ABSENT : UNKNOWN;
}

static void ask_own(struct thread *t, enum operation kind)
{
	char dir[MDEV_PATH_SIZE / 2];
	struct verdict v = { .state = phase_of(t), .gone = -ENOENT };

	if (v.state == STEADY && t->device == ABSENT)
		v.state = AWAY;
	snprintf(dir, sizeof(dir), MDEV_DEVICES "%s/mdev_type", t->uuid);
	ask_dir(t, dir, t->type, kind, &v);
}

/* Several makers may create the same device at the same time */
static void make_pool(struct thread *t, enum operation kind)
{
	static const int taken[] = { -EEXIST, 0 };
	static const int taken_or_full[] = { -EEXIST, -EUSERS, 0 };
	/*
	 * The device does not exist, another maker has the file, or another maker or
	 * the driver that leaves has taken the device already
	 */
	static const int removed[] = { -ENOENT, -ENODEV, -EAGAIN, 0 };
	const char *uuid = t->run->pool[choose(t, POOL)];
	const struct type *type = choose_type(t, SAMPLE_TYPES);
	struct verdict v = { .state = phase_of(t), .gone = -ENOENT };

	if (kind == CREATE) {
		v.busy = type->full ? taken_or_full : taken;
		note(t, kind, &v, type->dir, create(type->dir, uuid));
	} else {
		v.busy = removed;
		note(t, kind, &v, "shared device", mdev_remove(uuid));
	}
}

/*
 * The store function of a device's remove ends its own protection, by removing its file,
 * before it looks at the parent.  A driver that leaves at this moment takes the parent
 * away: that is a fault of mdev, and this test is not about it.
 */
static bool may_remove(struct thread *t)
{
	return phase_of(t) != LEAVING;
}

static void make(struct thread *t)
{
	/* In steady times, each maker has to be certain whether its device exists */
	if (phase_of(t) == STEADY && t->device == UNKNOWN) {
		remove_own(t);
		return;
	}

	switch (t->step++ % MAKER_STEPS) {
	case 0:
		make_own(t);
		break;
	case 1:
		ask_own(t, READ);
		break;
	case 2:
		ask_own(t, choose(t, 2) ? WRITE_GOOD : WRITE_BAD);
		break;
	case 3:
		if (may_remove(t))
			remove_own(t);
		else
			ask_own(t, READ);
		break;
	default:
		make_pool(t, may_remove(t) && choose(t, 2) ? REMOVE : CREATE);
		break;
	}
}

/* Threads */

/* Wake a provider, if this is the operation after which it begins */
static void count_operation(struct run *run, unsigned long phase)
{
	unsigned long done = __atomic_add_fetch(&run->done, 1,
						__ATOMIC_SEQ_CST);
	unsigned int i;

	for (i = 0; i < run->providers; i++)
		if (done == run->triggers[phase * run->providers + i])
			sem_post(&run->begin[i]);
}

static void *run_worker(void *data)
{
	struct thread *t = data;
	struct run *run = t->run;
	unsigned long i = 0, end;

	/* A worker hardly waits, so that the kernel's threads have to go first, for speed */
	setpriority(PRIO_PROCESS, 0, 19);

	for (t->phase = 0; t->phase < run->rounds * PHASES; t->phase++) {
		if (phase_of(t) == AWAY)
			t->device = ABSENT;
		t->step = 0;
		end = share_before(run, t->index, t->phase + 1);
		for (; i < end; i++) {
			if (t->index < ASKERS)
				ask(t);
			else
				make(t);
			count_operation(run, t->phase);
		}
		pthread_barrier_wait(&run->barrier);
	}

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (t->kept[i].fd >= 0)
			close(t->kept[i].fd);
	return NULL;
}

static void *run_provider(void *data)
{
	struct thread *t = data;
	struct run *run = t->run;
	unsigned int i = t->index - WORKERS;
	const struct provider *p = &providers[i];
	const struct verdict v = { .state = STEADY };

	for (t->phase = 0; t->phase < run->rounds * PHASES; t->phase++) {
		if (phase_of(t) == LEAVING) {
			sem_wait(&run->begin[i]);
			note(t, p->down_kind, &v, p->name, p->down(p->name));
		} else if (phase_of(t) == COMING) {
			sem_wait(&run->begin[i]);
			note(t, p->up_kind, &v, p->name, p->up(p->name));
		}
		pthread_barrier_wait(&run->barrier);
	}
	return NULL;
}

/* A provider begins in the first half of its phase, so that the other threads meet it */
static void set_triggers(struct run *run)
{
	unsigned long long random = run->seed;
	unsigned long phase, first, share, i;

	for (phase = 0; phase < run->rounds * PHASES; phase++) {
		if (phase % PHASES != LEAVING && phase % PHASES != COMING)
			continue;
		first = done_before(run, phase);
		share = done_before(run, phase + 1) - first;
		for (i = 0; i < run->providers; i++)
			run->triggers[phase * run->providers + i] = first + 1 +
				mdev_random(&random) % ((share + 1) / 2);
	}
}

/*
 * The core deletes the file remove before it looks whether the device is ready: a
 * remove that comes while the device is being created fails with EAGAIN, and from
 * then on the device can go only with its parent
 */
static bool has_remove(const char *uuid)
{
	char path[MDEV_PATH_SIZE];

	snprintf(path, sizeof(path), MDEV_DEVICES "%s/remove", uuid);
	return !access(path, F_OK);
}

/* Return the number of devices, or with @remove, of devices that cannot be removed */
static int devices_left(bool remove)
{
	DIR *dir = opendir(MDEV_DEVICES);
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (!remove || (has_remove(entry->d_name) &&
				mdev_remove(entry->d_name)))
			n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

FIXTURE(stress) {
	struct run run;
	char *before;
};

FIXTURE_SETUP(stress)
{
	struct run *run = &self->run;
	unsigned int i, j;
	unsigned long long random;
	int sim;

	run->operations = mdev_number_from("MDEV_STRESS_OPERATIONS",
					   OPERATIONS_DEFAULT);
	run->seed = mdev_number_from("MDEV_STRESS_SEED", 1);
	run->rounds = run->operations / OPERATIONS_A_ROUND;
	if (run->rounds < ROUNDS_MIN)
		run->rounds = ROUNDS_MIN;
	TH_LOG("MDEV_STRESS_OPERATIONS=%lu MDEV_STRESS_SEED=%llu, %lu rounds",
	       run->operations, run->seed, run->rounds);
	ASSERT_LE(OPERATIONS_MIN, run->operations);

	run->providers = MODULES;
	sim = sim_set_up();
	if (sim)
		TH_LOG("the parents of mdev_sim are left out: %s",
		       strerror(-sim));
	else
		run->providers++;
	run->threads_used = WORKERS + run->providers;

	self->before = mdev_snapshot();
	ASSERT_NE(NULL, self->before);
	run->triggers = calloc(run->rounds * PHASES * run->providers,
			       sizeof(*run->triggers));
	ASSERT_NE(NULL, run->triggers);
	set_triggers(run);

	random = ~run->seed;
	for (i = 0; i < POOL; i++)
		make_uuid(&random, run->pool[i]);
	for (i = 0; i < run->providers; i++)
		ASSERT_EQ(0, sem_init(&run->begin[i], 0, 0));
	ASSERT_EQ(0, pthread_barrier_init(&run->barrier, NULL,
					  run->threads_used));
	for (i = 0; i < run->threads_used; i++) {
		run->threads[i].run = run;
		run->threads[i].index = i;
		run->threads[i].random = mdev_random(&random);
		run->threads[i].type = types;
		make_uuid(&random, run->threads[i].uuid);
		for (j = 0; j < ARRAY_SIZE(types); j++)
			run->threads[i].kept[j].fd = -1;
	}
}

FIXTURE_TEARDOWN(stress)
{
	unsigned int i;

	for (i = 0; i < MODULES; i++)
		mdev_module_ensure(providers[i].name);
	devices_left(true);
	EXPECT_EQ(0, sim_tear_down());
	free(self->run.triggers);
	free(self->before);
}

static void expect_same_tree(struct __test_metadata *_metadata,
			     const char *before)
{
	char *after = mdev_snapshot();
	const char *line;
	size_t len;

	ASSERT_NE(NULL, after);
	line = mdev_snapshot_diff(before, after, &len);
	EXPECT_EQ(NULL, line)
		TH_LOG("no longer there: %.*s", (int)len, line);
	line = mdev_snapshot_diff(after, before, &len);
	EXPECT_EQ(NULL, line)
		TH_LOG("left behind: %.*s", (int)len, line);
	free(after);
}

/* Return how often a worker does each of its operations when nothing interferes */
static unsigned long certain(const struct run *run, unsigned int worker,
			     unsigned int steps)
{
	unsigned long phase, sum = 0;

	for (phase = STEADY; phase < run->rounds * PHASES; phase += PHASES)
		sum += (share_before(run, worker, phase + 1) -
			share_before(run, worker, phase)) / steps;
	return sum;
}

static void report(struct __test_metadata *_metadata, const struct run *run,
		   double seconds)
{
	unsigned long asked = certain(run, 0, ASKER_STEPS) * ASKERS, all = 0;
	/* The types of the first maker have room for its device */
	unsigned long made = certain(run, ASKERS, MAKER_STEPS);
	struct count sum[KINDS] = {};
	const struct count *count;
	unsigned int i, kind;

	for (i = 0; i < run->threads_used; i++) {
		for (kind = 0; kind < KINDS; kind++) {
			count = &run->threads[i].counts[kind];
			sum[kind].done += count->done;
			sum[kind].succeeded += count->succeeded;
			sum[kind].gone += count->gone;
			sum[kind].busy += count->busy;
		}
	}

	for (kind = 0; kind < KINDS; kind++) {
		if (!sum[kind].done)
			continue;
		all += sum[kind].done;
		TH_LOG("%-25s %7lu done, %7lu succeeded, %6lu driver gone, %6lu device taken",
		       kind_names[kind], sum[kind].done, sum[kind].succeeded,
		       sum[kind].gone, sum[kind].busy);
	}
	TH_LOG("%lu operations in %.1f s, %.0f a second", all, seconds,
	       all / seconds);

	TH_LOG("certain for each kind: %lu asked, %lu made, %lu loaded", asked,
	       made, run->rounds * MODULES);

	EXPECT_EQ(run->operations, all);
	for (kind = READ; kind <= WRITE_LENGTH; kind++)
		EXPECT_LE(asked, sum[kind].succeeded);
	EXPECT_LE(made, sum[CREATE].succeeded);
	EXPECT_LE(made, sum[REMOVE].succeeded);
	EXPECT_EQ(run->rounds * MODULES, sum[LOAD].succeeded);
	EXPECT_EQ(run->rounds * MODULES, sum[UNLOAD].succeeded);
	if (has_sim(run)) {
		EXPECT_EQ(run->rounds, sum[LIVE].succeeded);
		EXPECT_EQ(run->rounds, sum[DEAD].succeeded);
	}
}

TEST_F_TIMEOUT(stress, every_result_fits_the_state_of_the_drivers, TIMEOUT)
{
	struct run *run = &self->run;
	struct timespec start, end;
	struct thread *t;
	unsigned int i;
	int left;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < run->threads_used; i++)
		ASSERT_EQ(0, pthread_create(&run->threads[i].id, NULL,
					    i < WORKERS ? run_worker :
							  run_provider,
					    &run->threads[i]));
	for (i = 0; i < run->threads_used; i++)
		ASSERT_EQ(0, pthread_join(run->threads[i].id, NULL));
	clock_gettime(CLOCK_MONOTONIC, &end);

	for (i = 0; i < run->threads_used; i++) {
		t = &run->threads[i];
		EXPECT_EQ(0UL, t->wrongs)
			TH_LOG("first wrong result of thread %u: %s", i, t->wrong);
	}
	report(_metadata, run, end.tv_sec - start.tv_sec +
	       (end.tv_nsec - start.tv_nsec) / 1e9);

	EXPECT_EQ(0, devices_left(true));
	left = devices_left(false);
	if (left) {
		TH_LOG("%d devices have lost their file remove", left);
		for (i = 0; i < run->providers; i++)
			EXPECT_EQ(0, providers[i].down(providers[i].name));
		EXPECT_EQ(0, devices_left(false));
		for (i = 0; i < run->providers; i++)
			EXPECT_EQ(0, providers[i].up(providers[i].name));
	}
	expect_same_tree(_metadata, self->before);
}

/* Nothing may hold a module after the run, so that mdev can be unloaded, too */
TEST_F(stress, all_modules_can_be_unloaded)
{
	bool core = !access("/sys/module/mdev/initstate", F_OK);
	int fd = mdev_module_open("mdev");
	unsigned int i;

	for (i = 0; i < self->run.providers; i++)
		EXPECT_EQ(0, providers[i].down(providers[i].name));
	EXPECT_EQ(0, devices_left(false));
	EXPECT_EQ(0, sim_tear_down());
	if (core && fd >= 0) {
		EXPECT_EQ(0, mdev_module_unload("mdev"));
		EXPECT_EQ(0, mdev_module_load("mdev"));
	} else {
		TH_LOG("mdev itself is not unloaded: %s",
		       core ? "the file mdev.ko is not found" : "it is built in");
	}
	if (fd >= 0)
		close(fd);

	for (i = 0; i < MODULES; i++)
		EXPECT_EQ(0, providers[i].up(providers[i].name));
	if (has_sim(&self->run))
		EXPECT_EQ(0, sim_set_up());
	expect_same_tree(_metadata, self->before);
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	mdev_require_parent("mbochs");
	mdev_require_modules();
	mdev_require_module("mbochs");
	sim_tear_down();
	if (devices_left(false))
		mdev_skip_all("the machine has mdev devices, which the test would remove");

	return test_harness_run(argc, argv);
}

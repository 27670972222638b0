// SPDX-License-Identifier: GPL-2.0-only
/*
 * The n-th memory allocation of an operation fails, for each n
 *
 * The operation must then be done as a whole or not at all, its result must show which of
 * the two, nothing may be left behind, and a second attempt without a fault must succeed.
 */

#include <sys/mman.h>

#include "core_test_utils.h"
#include "vfio_test_utils.h"

#define FAIL_NTH		"/proc/thread-self/fail-nth"
#define FAILSLAB		"/sys/kernel/debug/failslab"
#define FAIL_PAGE_ALLOC		"/sys/kernel/debug/fail_page_alloc"

/* A kernel with all debugging takes a second for some of the attempts */
#define TIMEOUT			3600

/* The tests would never end if each attempt had a fault; no operation has so many */
#define FAULTS_MAX		20000U

#define UUID			"5e0b2d5c-7d1f-4c55-9a0e-3f6a0d1c9b11"

#define MTTY_1			MDEV_TYPE_DIR("mtty", "mtty-1")
#define MDPY_VGA		MDEV_TYPE_DIR("mdpy", "mdpy-vga")
#define MBOCHS_SMALL		MDEV_TYPE_DIR("mbochs", "mbochs-small")

/*
 * Some faults are not about mdev, and make other parts of the kernel warn.  A filter for
 * the functions on the stack excludes them.
 *
 * The module loader notifies some of its users of a new module.  Dynamic debugging and
 * trace events warn if they do not get memory for it.  With the filter, only the init
 * function of the module has faults.  The init function of mdev registers a bus: if
 * bus_register() fails early, it gives back a lock class that it did not register yet, and
 * lockdep warns.  The filter excludes this function, too.
 *
 * If vfio_create_group() fails after the allocation of the group, it releases a group that
 * vfio_group_release() expects to be without an IOMMU group, and the IOMMU group stays.
 * The filter excludes this function.
 *
 * vmalloc() warns if it does not get memory.  mdpy calls it for the memory of a device, and
 * for the memory of a stream if the allocator does not have so large a piece.  The filter
 * excludes vmalloc().  A filter can exclude one function only, so that the creation of such
 * a device is tried in two parts, and each part has the function that it is about.
 */
enum filter {
	NO_FILTER,
	ONLY_IN_INIT,
	NOT_IN_GROUP,
	ONLY_IN_MDPY,
	ONLY_IN_REGISTRATION,
	NOT_IN_VMALLOC,
	FILTERS,
};

#define VMALLOC		"__vmalloc_node_range_noprof"

/* Functions that have to be on the stack, or must not be; NULL: any function, no function */
static const struct {
	const char *require;
	const char *reject;
} filters[FILTERS] = {
	[ONLY_IN_INIT] = { "do_one_initcall", "bus_register" },
	[NOT_IN_GROUP] = { NULL, "vfio_create_group" },
	[ONLY_IN_MDPY] = { "mdpy_init_dev", VMALLOC },
	[ONLY_IN_REGISTRATION] = { "__vfio_register_dev", "vfio_create_group" },
	[NOT_IN_VMALLOC] = { NULL, VMALLOC },
};

struct attempt;

/*
 * @prepare and @undo run without faults.  @run has the fault, and should be one system
 * call; it returns a result as mdev_result() does.  @taken returns whether the operation
 * was done; it is NULL for an operation that changes nothing.
 */
struct operation {
	int (*prepare)(struct attempt *a);
	long (*run)(struct attempt *a);
	bool (*taken)(const struct attempt *a);
	int (*undo)(struct attempt *a);
};

struct attempt {
	/* Module, or directory of the type */
	const char *of;
	/* Text that is written, or that a read must return */
	const char *text;
	const char *uuid;
	int fd;
	void *image;
	size_t image_size;
	char buf[64];
	struct vfio_test_device dev;
	/* Stream of a device with other memory than a new one, and the saved stream */
	unsigned char *stream;
	size_t stream_len;
	unsigned char *saved;
	/* Memory of the device, mapped, and a copy from before the device runs */
	unsigned char *memory;
	unsigned char *before;
	size_t memory_len;
};

/* Modules */

/* The file is mapped: otherwise the kernel reads it, and warns if it does not get memory */
static int map_module(struct attempt *a)
{
	struct stat st;
	int fd;

	if (a->image)
		return 0;
	fd = mdev_module_open(a->of);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	a->image_size = st.st_size;
	a->image = mmap(NULL, a->image_size, PROT_READ,
			MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	return a->image == MAP_FAILED ? -errno : 0;
}

static long load(struct attempt *a)
{
	return mdev_result(syscall(SYS_init_module, a->image, a->image_size,
				   ""));
}

static bool loaded(const struct attempt *a)
{
	return mdev_module_loaded(a->of);
}

static int ensure_unloaded(struct attempt *a)
{
	return loaded(a) ? mdev_module_unload(a->of) : 0;
}

static const struct operation load_operation = {
	.prepare = map_module,
	.run = load,
	.taken = loaded,
	.undo = ensure_unloaded,
};

static int map_and_load(struct attempt *a)
{
	return map_module(a) ?: (int)load(a);
}

static long unload(struct attempt *a)
{
	return mdev_module_unload(a->of);
}

static bool unloaded(const struct attempt *a)
{
	return !loaded(a);
}

static const struct operation unload_operation = {
	.prepare = map_and_load,
	.run = unload,
	.taken = unloaded,
	.undo = ensure_unloaded,
};

/* The attribute */

static int open_attr(struct attempt *a, const char *dir, const char *attr,
		     int flags)
{
	char path[MDEV_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", dir, attr);
	a->fd = mdev_result(open(path, flags));
	return a->fd < 0 ? a->fd : 0;
}

static int close_file(struct attempt *a)
{
	return mdev_result(close(a->fd));
}

static int open_version(struct attempt *a)
{
	return open_attr(a, a->of, "migration_version", O_RDWR);
}

static long read_text(struct attempt *a)
{
	long ret;

	memset(a->buf, 0, sizeof(a->buf));
	ret = mdev_result(read(a->fd, a->buf, sizeof(a->buf) - 1));
	return ret > 0 && strcmp(a->buf, a->text) ? -EBADMSG : ret;
}

static long write_text(struct attempt *a)
{
	return mdev_result(write(a->fd, a->text, strlen(a->text)));
}

static const struct operation show_operation = {
	.prepare = open_version,
	.run = read_text,
	.undo = close_file,
};

static const struct operation check_operation = {
	.prepare = open_version,
	.run = write_text,
	.undo = close_file,
};

/* Devices */

static bool device_there(const struct attempt *a)
{
	char path[MDEV_PATH_SIZE];

	snprintf(path, sizeof(path), MDEV_DEVICES "%s", a->uuid);
	return !access(path, F_OK);
}

static bool device_gone(const struct attempt *a)
{
	return !device_there(a);
}

static int open_create(struct attempt *a)
{
	return open_attr(a, a->of, "create", O_WRONLY);
}

static int close_and_remove(struct attempt *a)
{
	int ret = close_file(a);

	return device_there(a) ? mdev_remove(a->uuid) : ret;
}

static const struct operation create_operation = {
	.prepare = open_create,
	.run = write_text,
	.taken = device_there,
	.undo = close_and_remove,
};

static int create_and_open_remove(struct attempt *a)
{
	int ret = mdev_write_attr(a->of, "create", a->uuid, strlen(a->uuid));
	char dir[MDEV_PATH_SIZE];

	if (ret < 0)
		return ret;
	snprintf(dir, sizeof(dir), MDEV_DEVICES "%s", a->uuid);
	return open_attr(a, dir, "remove", O_WRONLY);
}

static const struct operation remove_operation = {
	.prepare = create_and_open_remove,
	.run = write_text,
	.taken = device_gone,
	.undo = close_and_remove,
};

/* Migration */

/* A new device of the type, not open yet */
static int create(struct attempt *a)
{
	int ret = mdev_write_attr(a->of, "create", a->uuid, strlen(a->uuid));

	a->dev = vfio_no_device;
	snprintf(a->dev.uuid, sizeof(a->dev.uuid), "%s", a->uuid);
	return ret < 0 ? ret : 0;
}

static int create_and_set_container(struct attempt *a)
{
	int ret = create(a) ?: vfio_open(&a->dev);

	vfio_close_fd(&a->dev.fd);
	return ret;
}

static long open_device(struct attempt *a)
{
	a->dev.fd = mdev_result(ioctl(a->dev.group, VFIO_GROUP_GET_DEVICE_FD,
				      a->dev.uuid));
	return a->dev.fd < 0 ? a->dev.fd : 0;
}

static bool is_open(const struct attempt *a)
{
	return a->dev.fd >= 0;
}

static int close_device(struct attempt *a)
{
	if (a->memory)
		munmap(a->memory, a->memory_len);
	a->memory = NULL;
	vfio_close(&a->dev);
	return mdev_remove(a->dev.uuid);
}

static const struct operation open_operation = {
	.prepare = create_and_set_container,
	.run = open_device,
	.taken = is_open,
	.undo = close_device,
};

static int create_and_open(struct attempt *a)
{
	return create(a) ?: vfio_open(&a->dev);
}

static long begin_save(struct attempt *a)
{
	return vfio_set_state(&a->dev, VFIO_DEVICE_STATE_PRE_COPY);
}

static long begin_load(struct attempt *a)
{
	return vfio_set_state(&a->dev, VFIO_DEVICE_STATE_RESUMING);
}

static bool has_stream(const struct attempt *a)
{
	return a->dev.data_fd >= 0;
}

/* mtty allocates the room for a stream here, because a stream of mtty is small */
static const struct operation begin_save_operation = {
	.prepare = create_and_open,
	.run = begin_save,
	.taken = has_stream,
	.undo = close_device,
};

static const struct operation begin_load_operation = {
	.prepare = create_and_open,
	.run = begin_load,
	.taken = has_stream,
	.undo = close_device,
};

/* A state that a new device does not have, in a stream that is saved without faults */
static int save_once(struct attempt *a)
{
	size_t size = a->memory_len + 4096;
	ssize_t len;

	if (a->stream)
		return 0;
	a->stream = calloc(1, size);
	a->saved = calloc(1, size);
	a->before = malloc(a->memory_len);
	if (!a->stream || !a->saved || !a->before)
		return -ENOMEM;

	memcpy(a->before, a->memory, a->memory_len);
	memset(a->memory, 0xa5, a->memory_len);
	len = vfio_save(&a->dev, a->stream, size, 0);
	memcpy(a->memory, a->before, a->memory_len);
	a->stream_len = len;
	return len < 0 ? len : 0;
}

static int create_and_map(struct attempt *a)
{
	__u64 offset, size;
	void *memory;
	int ret;

	ret = create(a) ?: vfio_open(&a->dev);
	if (ret)
		return ret;
	offset = vfio_region(&a->dev, VFIO_PCI_BAR0_REGION_INDEX, &size);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      a->dev.fd, offset);
	if (memory == MAP_FAILED)
		return -errno;
	a->memory = memory;
	a->memory_len = size;
	return save_once(a);
}

static int create_and_fill(struct attempt *a)
{
	int ret = create_and_map(a);

	if (!ret)
		memset(a->memory, 0xa5, a->memory_len);
	return ret;
}

/* End a migration, in any state, so that the device runs again */
static int end_and_close(struct attempt *a)
{
	int ret = 0, other;

	vfio_close_fd(&a->dev.data_fd);
	if (vfio_state(&a->dev) != VFIO_DEVICE_STATE_RUNNING)
		ret = vfio_reset(&a->dev);
	if (!ret && vfio_state(&a->dev) != VFIO_DEVICE_STATE_RUNNING)
		ret = -EBUSY;
	other = close_device(a);
	return ret ?: other;
}

/* The change of the state allocates memory, and the stream depends on that */
static long save(struct attempt *a)
{
	size_t len = 0;
	int ret;

	ret = vfio_set_state(&a->dev, VFIO_DEVICE_STATE_STOP_COPY);
	if (ret)
		return ret;
	ret = vfio_read_stream(&a->dev, a->saved, a->stream_len + 1, &len);
	if (ret)
		return ret;
	return len == a->stream_len && !memcmp(a->saved, a->stream, len) ?
	       0 : -EBADMSG;
}

/* A device that is not saving yet can be saved by a second attempt */
static bool is_saving(const struct attempt *a)
{
	struct vfio_test_device dev = a->dev;

	return vfio_state(&dev) == VFIO_DEVICE_STATE_STOP_COPY;
}

static int save_again_and_close(struct attempt *a)
{
	int ret = 0;

	if (!is_saving(a))
		ret = save(a);
	ret = ret ?: vfio_set_state(&a->dev, VFIO_DEVICE_STATE_RUNNING);
	return end_and_close(a) ?: ret;
}

static const struct operation save_operation = {
	.prepare = create_and_fill,
	.run = save,
	.taken = is_saving,
	.undo = save_again_and_close,
};

static long resume(struct attempt *a)
{
	int ret;

	ret = vfio_set_state(&a->dev, VFIO_DEVICE_STATE_RESUMING);
	ret = ret ?: vfio_write_stream(&a->dev, a->stream, a->stream_len,
				       a->stream_len);
	return ret ?: vfio_set_state(&a->dev, VFIO_DEVICE_STATE_RUNNING);
}

/* Look whether any byte of the state was loaded */
static bool has_resumed(const struct attempt *a)
{
	return memcmp(a->memory, a->before, a->memory_len);
}

/* Load the whole state: at once, or in a second attempt */
static int resume_again_and_close(struct attempt *a)
{
	int ret = 0;

	vfio_close_fd(&a->dev.data_fd);
	if (!has_resumed(a))
		ret = vfio_reset(&a->dev) ?: (int)resume(a);
	if (!ret && (a->memory[0] != 0xa5 ||
		     memcmp(a->memory, a->memory + 1, a->memory_len - 1)))
		ret = -EBADMSG;
	return end_and_close(a) ?: ret;
}

static const struct operation resume_operation = {
	.prepare = create_and_map,
	.run = resume,
	.taken = has_resumed,
	.undo = resume_again_and_close,
};

/* Settings */

static bool write_setting(const char *dir, const char *name, const char *value)
{
	return mdev_write_attr(dir, name, value, strlen(value)) > 0;
}

/* Find the first address of a function of the kernel, and of the next function */
static bool find_function(const char *name, unsigned long *start,
			  unsigned long *end)
{
	unsigned long address;
	char line[512], symbol[256];
	FILE *file;
	int pass;

	*start = 0;
	*end = ULONG_MAX;
	file = fopen("/proc/kallsyms", "r");
	if (!file)
		return false;
	for (pass = 0; pass < 2; pass++) {
		rewind(file);
		while (fgets(line, sizeof(line), file)) {
			if (sscanf(line, "%lx %*c %255s", &address, symbol) != 2)
				continue;
			if (!pass && !strcmp(symbol, name))
				*start = address;
			if (pass && address > *start && address < *end)
				*end = address;
		}
	}
	fclose(file);
	return *start;
}

static bool set_range(const char *what, unsigned long start, unsigned long end)
{
	static const char * const dirs[] = { FAILSLAB, FAIL_PAGE_ALLOC };
	char name[32], first[32], last[32];
	size_t i;

	snprintf(first, sizeof(first), "0x%lx", start);
	snprintf(last, sizeof(last), "0x%lx", end);
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(name, sizeof(name), "%s-start", what);
		if (!write_setting(dirs[i], name, first))
			return false;
		snprintf(name, sizeof(name), "%s-end", what);
		if (!write_setting(dirs[i], name, last))
			return false;
	}
	return true;
}

static bool set_function(const char *what, const char *function)
{
	unsigned long start, end;

	return !function || (find_function(function, &start, &end) &&
			     set_range(what, start, end));
}

static bool set_filter(enum filter filter)
{
	const char *require = filters[filter].require;
	const char *reject = filters[filter].reject;
	bool has_filter = set_range("require", 0, ULONG_MAX) &&
			  set_range("reject", 0, 0) &&
			  write_setting(FAILSLAB, "stacktrace-depth", "32") &&
			  write_setting(FAIL_PAGE_ALLOC, "stacktrace-depth", "32");
	unsigned long start, end;

	/* A kernel may be built without VFIO groups */
	if (reject && !strcmp(reject, "vfio_create_group") &&
	    !find_function("vfio_group_release", &start, &end))
		reject = NULL;

	return (!require && !reject) ||
	       (has_filter && set_function("require", require) &&
		set_function("reject", reject));
}

/* An operation, its object, and the text for it */
struct subject {
	const struct operation *operation;
	const char *of;
	const char *text;
	/* The result without a fault */
	long wanted;
	/* The sample is unloaded first, with the samples that are loaded after it */
	bool needs_unloaded;
	enum filter filter;
};

struct setting {
	struct attempt attempt;
	int fail_nth;
	int log;
	/* Snapshots from before the operation and after it, without a fault */
	char *before;
	char *after;
};

FIXTURE(fault) {
	struct setting setting;
};

FIXTURE_VARIANT(fault) {
	struct subject subject;
};

FIXTURE_VARIANT_ADD(fault, load_mdev) {
	.subject = {
		.operation = &load_operation,
		.of = "mdev",
		.needs_unloaded = true,
		.filter = ONLY_IN_INIT,
	},
};

FIXTURE_VARIANT_ADD(fault, unload_mdev) {
	.subject = {
		.operation = &unload_operation,
		.of = "mdev",
		.needs_unloaded = true,
	},
};

FIXTURE_VARIANT_ADD(fault, load_mtty) {
	.subject = {
		.operation = &load_operation,
		.of = "mtty",
		.needs_unloaded = true,
		.filter = ONLY_IN_INIT,
	},
};

FIXTURE_VARIANT_ADD(fault, unload_mtty) {
	.subject = {
		.operation = &unload_operation,
		.of = "mtty",
		.needs_unloaded = true,
	},
};

FIXTURE_VARIANT_ADD(fault, load_mdpy) {
	.subject = {
		.operation = &load_operation,
		.of = "mdpy",
		.needs_unloaded = true,
		.filter = ONLY_IN_INIT,
	},
};

FIXTURE_VARIANT_ADD(fault, unload_mdpy) {
	.subject = {
		.operation = &unload_operation,
		.of = "mdpy",
		.needs_unloaded = true,
	},
};

FIXTURE_VARIANT_ADD(fault, load_mbochs) {
	.subject = {
		.operation = &load_operation,
		.of = "mbochs",
		.needs_unloaded = true,
		.filter = ONLY_IN_INIT,
	},
};

FIXTURE_VARIANT_ADD(fault, unload_mbochs) {
	.subject = {
		.operation = &unload_operation,
		.of = "mbochs",
		.needs_unloaded = true,
	},
};

FIXTURE_VARIANT_ADD(fault, mtty_show) {
	.subject = {
		.operation = &show_operation,
		.of = MTTY_1,
		.text = MTTY_VERSION "\n",
		.wanted = sizeof(MTTY_VERSION),
	},
};

FIXTURE_VARIANT_ADD(fault, mtty_check_that_accepts) {
	.subject = {
		.operation = &check_operation,
		.of = MTTY_1,
		.text = MTTY_VERSION,
		.wanted = sizeof(MTTY_VERSION) - 1,
	},
};

FIXTURE_VARIANT_ADD(fault, mtty_check_that_rejects) {
	.subject = {
		.operation = &check_operation,
		.of = MTTY_1,
		.text = "0000:0000-1.0",
		.wanted = -EXDEV,
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_show) {
	.subject = {
		.operation = &show_operation,
		.of = MDPY_VGA,
		.text = MDPY_VERSION "\n",
		.wanted = sizeof(MDPY_VERSION),
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_check_that_accepts) {
	.subject = {
		.operation = &check_operation,
		.of = MDPY_VGA,
		.text = MDPY_VERSION,
		.wanted = sizeof(MDPY_VERSION) - 1,
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_check_that_rejects) {
	.subject = {
		.operation = &check_operation,
		.of = MDPY_VGA,
		.text = "0000:0000-1.0",
		.wanted = -EXDEV,
	},
};

FIXTURE_VARIANT_ADD(fault, mtty_create) {
	.subject = {
		.operation = &create_operation,
		.of = MTTY_1,
		.text = UUID,
		.wanted = sizeof(UUID) - 1,
		.filter = NOT_IN_GROUP,
	},
};

FIXTURE_VARIANT_ADD(fault, mtty_remove) {
	.subject = {
		.operation = &remove_operation,
		.of = MTTY_1,
		.text = "1",
		.wanted = 1,
	},
};

FIXTURE_VARIANT_ADD(fault, mbochs_create) {
	.subject = {
		.operation = &create_operation,
		.of = MBOCHS_SMALL,
		.text = UUID,
		.wanted = sizeof(UUID) - 1,
		.filter = NOT_IN_GROUP,
	},
};

FIXTURE_VARIANT_ADD(fault, mbochs_remove) {
	.subject = {
		.operation = &remove_operation,
		.of = MBOCHS_SMALL,
		.text = "1",
		.wanted = 1,
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_create_device) {
	.subject = {
		.operation = &create_operation,
		.of = MDPY_VGA,
		.text = UUID,
		.wanted = sizeof(UUID) - 1,
		.filter = ONLY_IN_MDPY,
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_create_registration) {
	.subject = {
		.operation = &create_operation,
		.of = MDPY_VGA,
		.text = UUID,
		.wanted = sizeof(UUID) - 1,
		.filter = ONLY_IN_REGISTRATION,
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_remove) {
	.subject = {
		.operation = &remove_operation,
		.of = MDPY_VGA,
		.text = "1",
		.wanted = 1,
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_open) {
	.subject = {
		.operation = &open_operation,
		.of = MDPY_VGA,
	},
};

FIXTURE_VARIANT_ADD(fault, mtty_begin_save) {
	.subject = {
		.operation = &begin_save_operation,
		.of = MTTY_1,
	},
};

FIXTURE_VARIANT_ADD(fault, mtty_begin_load) {
	.subject = {
		.operation = &begin_load_operation,
		.of = MTTY_1,
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_save) {
	.subject = {
		.operation = &save_operation,
		.of = MDPY_VGA,
		.filter = NOT_IN_VMALLOC,
	},
};

FIXTURE_VARIANT_ADD(fault, mdpy_resume) {
	.subject = {
		.operation = &resume_operation,
		.of = MDPY_VGA,
		.filter = NOT_IN_VMALLOC,
	},
};

static const char * const modules[] = { "mdev", "mtty", "mdpy", "mbochs" };

FIXTURE_SETUP(fault)
{
	const struct subject *subject = &variant->subject;
	struct setting *setting = &self->setting;
	struct mdev_vendors vendors;
	size_t i;

	setting->attempt.of = subject->of;
	setting->attempt.text = subject->text;
	setting->attempt.uuid = UUID;
	setting->attempt.fd = -1;
	setting->fail_nth = open(FAIL_NTH, O_RDWR);
	ASSERT_LE(0, setting->fail_nth);

	for (i = 0; i < ARRAY_SIZE(modules); i++)
		ASSERT_EQ(0, mdev_module_ensure(modules[i]));
	if (subject->needs_unloaded)
		ASSERT_EQ(0, mdev_vendors_unload(&vendors));
	if (subject->needs_unloaded && !strcmp(subject->of, "mdev"))
		ASSERT_EQ(0, mdev_module_unload("mdev"));

	setting->log = mdev_log_open();
	ASSERT_LE(0, setting->log);
}

FIXTURE_TEARDOWN(fault)
{
	struct setting *setting = &self->setting;
	size_t i;

	if (setting->attempt.image)
		munmap(setting->attempt.image, setting->attempt.image_size);
	free(setting->attempt.stream);
	free(setting->attempt.saved);
	free(setting->attempt.before);
	close(setting->log);
	close(setting->fail_nth);
	free(setting->before);
	free(setting->after);
	for (i = 0; i < ARRAY_SIZE(modules); i++)
		EXPECT_EQ(0, mdev_module_ensure(modules[i]));
}

static bool arm(int fail_nth, unsigned int n)
{
	char text[16];
	ssize_t len = snprintf(text, sizeof(text), "%u", n);

	return pwrite(fail_nth, text, len, 0) == len;
}

/* Return 1 if there was a fault, 0 if there was not, or a negative errno */
static int disarm(int fail_nth)
{
	char text[16] = "";
	ssize_t ret = mdev_result(pread(fail_nth, text, sizeof(text) - 1, 0));

	if (!arm(fail_nth, 0))
		return -errno;
	return ret < 0 ? ret : !strcmp(text, "0\n");
}

/* Find the next line of the log that a sound kernel does not write; returns 1 if it exists */
static int next_warning(int log, char *text, size_t size)
{
	static const char * const bad[] = {
		"WARNING:", "BUG:", "BUG ", "Oops", "Call Trace:", "refcount_t:",
	};
	char record[8192];
	ssize_t len;
	size_t i;

	for (;;) {
		len = read(log, record, sizeof(record) - 1);
		if (len < 0)
			return errno == EAGAIN ? 0 : -errno;
		record[len] = '\0';
		mdev_log_field(record, ";", text, size);
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			if (strstr(text, bad[i]))
				return 1;
	}
}

/* mdev registers a parent even if its link in the class cannot be made */
static bool tolerated(const char *line, size_t len)
{
	static const char link[] = "/sys/class/mdev_bus/";

	return len > strlen(link) && !strncmp(line, link, strlen(link));
}

/* Compare the tree with @wanted; @n is for the message */
static bool same_tree(struct __test_metadata *_metadata, const char *wanted,
		      unsigned int n, bool may_lack_link)
{
	char *now = mdev_snapshot();
	const char *line;
	bool same = true;
	size_t len;

	if (!now)
		return false;
	line = mdev_snapshot_diff(wanted, now, &len);
	if (line && !(may_lack_link && tolerated(line, len))) {
		TH_LOG("fault %u: missing: %.*s", n, (int)len, line);
		same = false;
	}
	line = mdev_snapshot_diff(now, wanted, &len);
	if (line) {
		TH_LOG("fault %u: left behind: %.*s", n, (int)len, line);
		same = false;
	}
	free(now);
	return same;
}

struct tally {
	unsigned int faults;
	unsigned int succeeded;
	unsigned int failed;
	struct {
		int error;
		unsigned int count;
	} errors[16];
};

static void count_error(struct tally *tally, int error)
{
	size_t i;

	tally->failed++;
	for (i = 0; i < ARRAY_SIZE(tally->errors); i++) {
		if (tally->errors[i].error == error || !tally->errors[i].count) {
			tally->errors[i].error = error;
			tally->errors[i].count++;
			return;
		}
	}
}

static void report(struct __test_metadata *_metadata, const struct tally *tally)
{
	char text[512] = "";
	size_t i, len = 0;

	for (i = 0; i < ARRAY_SIZE(tally->errors); i++)
		if (tally->errors[i].count && len < sizeof(text))
			len += snprintf(text + len, sizeof(text) - len,
					", %u %s", tally->errors[i].count,
					strerror(tally->errors[i].error));
	TH_LOG("%u faults: %u failed%s; %u succeeded", tally->faults,
	       tally->failed, text, tally->succeeded);
}

/* Run the operation without a fault, and take the snapshot after it */
static void try_without_fault(struct __test_metadata *_metadata,
			      struct setting *setting,
			      const struct subject *subject)
{
	const struct operation *op = subject->operation;
	struct attempt *a = &setting->attempt;

	ASSERT_EQ(0, op->prepare(a));
	ASSERT_EQ(subject->wanted, op->run(a));
	ASSERT_TRUE(!op->taken || op->taken(a));
	free(setting->after);
	setting->after = mdev_snapshot();
	ASSERT_NE(NULL, setting->after);
	ASSERT_EQ(0, op->undo(a));
}

/* Make one attempt; returns whether there was a fault */
static bool try_with_fault(struct __test_metadata *_metadata,
			   struct setting *setting,
			   const struct subject *subject,
			   unsigned int n, struct tally *tally)
{
	const struct operation *op = subject->operation;
	struct attempt *a = &setting->attempt;
	char line[1024];
	int fault, bad;
	long ret;

	ASSERT_EQ(0, op->prepare(a));
	ASSERT_TRUE(arm(setting->fail_nth, n));
	ret = op->run(a);
	fault = disarm(setting->fail_nth);
	ASSERT_LE(0, fault);

	if (!fault || ret == subject->wanted) {
		ASSERT_EQ(subject->wanted, ret);
		ASSERT_TRUE(!op->taken || op->taken(a))
			TH_LOG("fault %u: success, but the operation did not take place",
			       n);
		ASSERT_TRUE(!op->taken ||
			    same_tree(_metadata, setting->after, n,
				      op == &load_operation));
	} else {
		ASSERT_GT(0, ret)
			TH_LOG("fault %u: the result %ld is neither success nor an errno", n, ret);
		ASSERT_TRUE(!op->taken || !op->taken(a))
			TH_LOG("fault %u: %s, but the operation took place", n,
			       strerror(-ret));
	}
	if (fault) {
		tally->faults++;
		if (ret == subject->wanted)
			tally->succeeded++;
		else
			count_error(tally, -ret);
	}

	ASSERT_EQ(0, op->undo(a));
	ASSERT_TRUE(same_tree(_metadata, setting->before, n, false));
	bad = next_warning(setting->log, line, sizeof(line));
	ASSERT_EQ(0, bad)
		TH_LOG("fault %u: the log has: %s", n,
		       bad > 0 ? line : strerror(-bad));
	return fault;
}

TEST_F_TIMEOUT(fault, operation_is_done_as_a_whole_or_not_at_all, TIMEOUT)
{
	const struct subject *subject = &variant->subject;
	struct setting *setting = &self->setting;
	struct tally tally = {};
	unsigned int n = 1;

	if (!set_filter(subject->filter))
		SKIP(return, "the kernel needs CONFIG_FAULT_INJECTION_STACKTRACE_FILTER for %s()",
		     filters[subject->filter].require ?:
		     filters[subject->filter].reject);

	/* The first run may leave caches behind, which are not a leak */
	try_without_fault(_metadata, setting, subject);
	setting->before = mdev_snapshot();
	ASSERT_NE(NULL, setting->before);
	try_without_fault(_metadata, setting, subject);
	ASSERT_TRUE(same_tree(_metadata, setting->before, 0, false));

	while (try_with_fault(_metadata, setting, subject, n, &tally))
		ASSERT_GT(FAULTS_MAX, n++);
	report(_metadata, &tally);
	EXPECT_LT(0U, tally.faults);
}

/* Let the kernel fail any allocation that may fail, without a message in the log */
static void set_up_faults(void)
{
	if (access(FAIL_NTH, F_OK))
		mdev_skip_all(FAIL_NTH " does not exist: the kernel needs CONFIG_FAULT_INJECTION");
	if (!write_setting(FAILSLAB, "ignore-gfp-wait", "N") ||
	    !write_setting(FAILSLAB, "verbose", "0"))
		mdev_skip_all("cannot set up " FAILSLAB
			      ": the kernel needs CONFIG_FAILSLAB and debugfs");
	if (!write_setting(FAIL_PAGE_ALLOC, "ignore-gfp-wait", "N") ||
	    !write_setting(FAIL_PAGE_ALLOC, "ignore-gfp-highmem", "N") ||
	    !write_setting(FAIL_PAGE_ALLOC, "verbose", "0"))
		mdev_skip_all("cannot set up " FAIL_PAGE_ALLOC
			      ": the kernel needs CONFIG_FAIL_PAGE_ALLOC");
}

int main(int argc, char *argv[])
{
	size_t i;

	mdev_require_samples();
	mdev_require_parent("mbochs");
	for (i = 0; i < ARRAY_SIZE(modules); i++)
		mdev_require_module(modules[i]);
	mdev_require_log();
	if (access("/dev/vfio/vfio", F_OK))
		mdev_skip_all("/dev/vfio/vfio does not exist");
	set_up_faults();

	return test_harness_run(argc, argv);
}

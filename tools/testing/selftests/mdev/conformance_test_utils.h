/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftest for any vendor driver: they make its parent come and go
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef CONFORMANCE_TEST_UTILS_H
#define CONFORMANCE_TEST_UTILS_H

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <linux/elf.h>

#include "version_test_utils.h"

/* A module has the word size of the kernel, so the test must have the same word size */
#ifdef __LP64__
#define module_header	elf64_hdr
#define module_section	elf64_shdr
#else
#define module_header	elf32_hdr
#define module_section	elf32_shdr
#endif

/* Time after which a driver that comes or goes hangs */
#define DRIVER_LIMIT_MS		(60 * 1000)
/* Time in which a driver registers its parent after the driver was loaded */
#define DRIVER_APPEAR_MS	(20 * 1000)

/* For the author of a driver that does not go */
static const char driver_deadlock[] =
	": does a callback wait for a lock under which the driver unregisters its parent?";

/* The kernel log has ten rejections of a parent in five seconds */
#define DRIVER_LOG_SECONDS	6

/* Limit of the kernel log for the name of a device, in bytes */
#define DRIVER_LOG_DEVICE	47

/**
 * struct driver_build - a module file of the driver
 * @path: file of the module; empty: modprobe finds the module @name
 * @name: name of the module
 */
struct driver_build {
	char path[PATH_MAX];
	char name[64];
};

/**
 * struct driver - the driver that is tested
 * @parent: name of the parent
 * @type: name of the type
 * @dir: directory of the type
 * @device: the parent in the kernel log, empty: the log does not have it
 * @first: the build that is tested
 * @second: the build of MDEV_SECOND, if that is set
 * @load: shell command that brings the parent, NULL: load the module
 * @unload: shell command that takes the parent away, NULL: unload the module
 * @lasting: reason for which the parent cannot be taken away; empty: it can
 * @log_start: number of the last record in the kernel log before the tests
 * @asking: processes that ask the driver at present
 * @asking_count: number of processes in @asking
 * @stuck: set for all tests that follow when the parent does not come or go
 */
struct driver {
	const char *parent;
	const char *type;
	char dir[MDEV_PATH_SIZE];
	char device[MDEV_PATH_SIZE];
	struct driver_build first;
	struct driver_build second;
	const char *load;
	const char *unload;
	char lasting[MDEV_PATH_SIZE * 2];
	unsigned long long log_start;
	const pid_t *asking;
	int asking_count;
	bool *stuck;
};

/**
 * driver_errno - name an errno
 * @ret: a result
 *
 * Return: the name of the errno if a rule of migration_version mentions it, else its text.
 */
static inline const char *driver_errno(ssize_t ret)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EOPNOTSUPP, "EOPNOTSUPP" }, { EINVAL, "EINVAL" },
		{ EXDEV, "EXDEV" }, { EPROTONOSUPPORT, "EPROTONOSUPPORT" },
		{ EINTR, "EINTR" }, { EAGAIN, "EAGAIN" },
		{ ENOMEM, "ENOMEM" }, { ENODEV, "ENODEV" },
		{ EIO, "EIO" }, { E2BIG, "E2BIG" }, { ENOENT, "ENOENT" },
		{ EPERM, "EPERM" }, { EACCES, "EACCES" }, { EBUSY, "EBUSY" },
		{ EEXIST, "EEXIST" }, { EUSERS, "EUSERS" },
		{ ENOSPC, "ENOSPC" }, { ENOTTY, "ENOTTY" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].error == -ret)
			return names[i].name;
	return ret < 0 ? strerror(-ret) : "success";
}

/* The parent comes and goes */

/**
 * driver_print_stack - print where in the kernel a process is, if the kernel shows that
 * @who: subject of the message
 * @pid: the process
 */
static inline void driver_print_stack(const char *who, pid_t pid)
{
	char path[MDEV_PATH_SIZE], stack[4096], *line, *next = stack;

	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	if (mdev_read_file(path, stack, sizeof(stack)) <= 0)
		return;
	ksft_print_msg("%s is here:\n", who);
	while ((line = strsep(&next, "\n")))
		if (*line)
			ksft_print_msg("  %s\n", line);
}

/**
 * driver_load_module - load a build, as a call of driver_bounded()
 * @arg: the build
 *
 * Return: 0 or an errno.
 */
static inline int driver_load_module(const void *arg)
{
	const struct driver_build *build = arg;
	int fd = build->path[0] ? open(build->path, O_RDONLY) :
				  mdev_module_open(build->name);

	if (fd < 0)
		return build->path[0] ? errno : -fd;
	return -mdev_result(syscall(SYS_finit_module, fd, "", 0));
}

/**
 * driver_unload_module - unload a build, as a call of driver_bounded()
 * @arg: the build
 *
 * Return: 0 or an errno.
 */
static inline int driver_unload_module(const void *arg)
{
	const struct driver_build *build = arg;

	return -mdev_module_unload(build->name);
}

/**
 * driver_exec - let the shell execute a command, as a call of driver_bounded()
 * @arg: the command
 *
 * Return: 127 if the shell cannot be executed, else the function does not return.
 */
static inline int driver_exec(const void *arg)
{
	execl("/bin/sh", "sh", "-c", arg, NULL);
	return 127;
}

/**
 * driver_bounded - run a function in a process that can be left behind
 * @d: the driver
 * @what: subject of the message, if the process hangs
 * @call: the function
 * @arg: argument of @call
 * @output: file for the output of a command
 *
 * A process in the kernel that waits for a lock cannot be killed.  If that happens, the
 * test prints why it fails, and ends; its teardown would wait, too.
 *
 * Return: the result of @call, 0 to 255.
 */
static inline int driver_bounded(struct driver *d, const char *what,
				 int (*call)(const void *arg), const void *arg,
				 int output)
{
	struct pollfd poll_fd = { .events = POLLIN };
	int status, i;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		/* A process that hangs must not keep a reader of the test's output waiting */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(output, STDOUT_FILENO);
		dup2(output, STDERR_FILENO);
		_exit(call(arg));
	}
	poll_fd.fd = syscall(SYS_pidfd_open, pid, 0);
	if (pid < 0 || poll_fd.fd < 0)
		return errno;

	if (poll(&poll_fd, 1, DRIVER_LIMIT_MS) == 1) {
		close(poll_fd.fd);
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	}
	ksft_print_msg("%s does not end%s\n", what,
		       call == driver_load_module ? "" : driver_deadlock);
	driver_print_stack(what, pid);
	for (i = 0; i < d->asking_count; i++)
		driver_print_stack("a process that asks", d->asking[i]);
	fflush(stdout);
	*d->stuck = true;
	_exit(KSFT_FAIL);
}

/**
 * driver_command - let the shell execute a command
 * @d: the driver
 * @variable: environment variable with the command
 * @command: the command
 *
 * Return: 0, or -ECANCELED after its output and its status were printed.
 */
static inline int driver_command(struct driver *d, const char *variable,
				 const char *command)
{
	char what[MDEV_PATH_SIZE], text[4096];
	int status, output = memfd_create(variable, 0);
	ssize_t len;

	snprintf(what, sizeof(what), "the command of %s", variable);
	status = driver_bounded(d, what, driver_exec, command, output);
	if (status) {
		len = pread(output, text, sizeof(text) - 1, 0);
		text[len < 0 ? 0 : len] = '\0';
		ksft_print_msg("%s ends with status %d: %s\n", what, status, text);
		fflush(stdout);
	}
	close(output);
	return status ? -ECANCELED : 0;
}

/**
 * driver_module - load or unload a build
 * @d: the driver
 * @build: the build
 * @load: load the build, and do not unload it
 *
 * Return: 0 or a negative errno, which was printed.
 */
static inline int driver_module(struct driver *d,
				const struct driver_build *build, bool load)
{
	char what[MDEV_PATH_SIZE];
	int null = open("/dev/null", O_RDWR);
	int ret;

	snprintf(what, sizeof(what), "%s %s", load ? "loading" : "unloading",
		 build->name);
	ret = -driver_bounded(d, what, load ? driver_load_module :
			      driver_unload_module, build, null);
	close(null);
	if (ret) {
		ksft_print_msg("%s fails with %s%s\n", what, driver_errno(ret),
			       load ? ": the kernel log can have the reason" :
			       ret == -EAGAIN ? ": something uses the module" :
			       "");
		fflush(stdout);
	}
	return ret;
}

/**
 * driver_present - look for the attribute of the type
 * @d: the driver
 *
 * Return: whether the type has it.
 */
static inline bool driver_present(const struct driver *d)
{
	char path[MDEV_PATH_SIZE * 2];

	snprintf(path, sizeof(path), "%s/migration_version", d->dir);
	return !access(path, F_OK);
}

/**
 * driver_await - wait until the type has the attribute
 * @d: the driver
 *
 * A driver can register its parent some time after its module was loaded.
 *
 * Return: 0 or -ETIMEDOUT.
 */
static inline int driver_await(const struct driver *d)
{
	int ms;

	for (ms = 0; !driver_present(d); ms += 10) {
		if (ms >= DRIVER_APPEAR_MS) {
			ksft_print_msg("%s/migration_version does not appear\n",
				       d->dir);
			fflush(stdout);
			return -ETIMEDOUT;
		}
		usleep(10 * 1000);
	}
	return 0;
}

/**
 * driver_bring - let the parent come, by loading a build if it is not loaded
 * @d: the driver
 * @build: the build
 *
 * Return: 0 or a negative errno.
 */
static inline int driver_bring(struct driver *d,
			       const struct driver_build *build)
{
	int ret = 0;

	if (driver_present(d))
		return 0;
	if (build->name[0] && !mdev_module_loaded(build->name))
		ret = driver_module(d, build, true);
	if (!ret && d->load)
		ret = driver_command(d, "MDEV_LOAD", d->load);
	return ret ?: driver_await(d);
}

/**
 * driver_take - let the parent go
 * @d: the driver
 * @build: the build that is loaded
 * @module: unload the module also if @d has a command
 *
 * Return: 0 or a negative errno.
 */
static inline int driver_take(struct driver *d,
			      const struct driver_build *build, bool module)
{
	int ret = 0;

	if (d->unload && driver_present(d))
		ret = driver_command(d, "MDEV_UNLOAD", d->unload);
	if (!ret && (module || !d->unload) && mdev_module_loaded(build->name))
		ret = driver_module(d, build, false);
	return ret;
}

/**
 * driver_new_log - open the kernel log at its end, with the next ten rejections in it
 * @d: the driver
 *
 * A new parent has a new limit.  If the parent has to stay, the function waits until the
 * old limit allows ten again.
 *
 * Return: a file descriptor, or a negative errno.
 */
static inline int driver_new_log(struct driver *d)
{
	int ret;

	if (d->lasting[0]) {
		sleep(DRIVER_LOG_SECONDS);
		return mdev_log_open();
	}
	ret = driver_take(d, &d->first, false);
	ret = ret ?: driver_bring(d, &d->first);
	return ret ?: mdev_log_open();
}

/**
 * driver_log_sequence - find the number of a record
 * @record: record of the kernel log
 *
 * Return: the number, 0 if it is not a record.
 */
static inline unsigned long long driver_log_sequence(const char *record)
{
	const char *comma = strchr(record, ',');

	return comma ? strtoull(comma + 1, NULL, 10) : 0;
}

/**
 * driver_log_record - read the next record; the oldest one that was not overwritten is first
 * @log: the kernel log, opened with O_NONBLOCK
 * @record: filled in, with a NUL at the end
 * @size: size of @record
 *
 * Return: whether the log has a next record.
 */
static inline bool driver_log_record(int log, char *record, size_t size)
{
	ssize_t len;

	/* A record that was overwritten is not an end */
	do {
		len = read(log, record, size - 1);
	} while (len < 0 && errno == EPIPE);
	record[len < 0 ? 0 : len] = '\0';
	return len > 0;
}

/**
 * driver_log_last - find the number of the last record
 *
 * Return: the number, 0 if the log does not have a record.
 */
static inline unsigned long long driver_log_last(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	unsigned long long last = 0;
	char record[8192];

	while (driver_log_record(log, record, sizeof(record)))
		last = driver_log_sequence(record) ?: last;
	close(log);
	return last;
}

/* Names and files of the driver */

/**
 * driver_link - find the last component of the target of a link
 * @dir: directory of the link
 * @link: name of the link
 * @name: filled in
 * @size: size of @name
 *
 * Return: whether the link exists.
 */
static inline bool driver_link(const char *dir, const char *link, char *name,
			       size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *last;
	ssize_t len;

	snprintf(path, sizeof(path), "%s/%s", dir, link);
	len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return false;
	target[len] = '\0';
	last = strrchr(target, '/') ?: target;
	last += *last == '/';
	if (strlen(last) >= size)
		return false;
	memcpy(name, last, strlen(last) + 1);
	return true;
}

/**
 * driver_read_name - read the name of a module from its file
 * @build: the build, with a path
 *
 * Return: 0 or a negative errno: -ENOEXEC if the file is compressed, or is not a module.
 */
static inline int driver_read_name(struct driver_build *build)
{
	const struct module_section *sections, *info;
	const char *file, *field, *end;
	const struct module_header *elf;
	struct stat st;
	int i, fd;

	fd = open(build->path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	file = mmap(NULL, st.st_size + 1, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	elf = (const void *)file;
	if (file == MAP_FAILED || st.st_size < (off_t)sizeof(*elf) ||
	    memcmp(elf->e_ident, ELFMAG, SELFMAG) ||
	    elf->e_shoff + elf->e_shnum * sizeof(*sections) > (size_t)st.st_size)
		return -ENOEXEC;

	sections = (const void *)(file + elf->e_shoff);
	for (i = 0; i < elf->e_shnum; i++) {
		info = &sections[i];
		if (strcmp(file + sections[elf->e_shstrndx].sh_offset +
			   info->sh_name, ".modinfo"))
			continue;
		end = file + info->sh_offset + info->sh_size;
		for (field = file + info->sh_offset; field < end;
		     field += strlen(field) + 1) {
			if (strncmp(field, "name=", 5))
				continue;
			snprintf(build->name, sizeof(build->name), "%s",
				 field + 5);
			return 0;
		}
	}
	return -ENOEXEC;
}

/**
 * driver_find_module - find the module of the driver in sysfs
 * @d: the driver, whose parent is registered
 *
 * A link in the device of the parent leads to the module, or a link in the parent if its
 * own driver is in the same module.
 */
static inline void driver_find_module(struct driver *d)
{
	char path[MDEV_PATH_SIZE], uuid[MDEV_UUID_SIZE];
	bool created = !mdev_create(d->dir, uuid);

	if (created)
		snprintf(path, sizeof(path), MDEV_DEVICES "%s/driver", uuid);
	if (!created || !driver_link(path, "module", d->first.name,
				     sizeof(d->first.name))) {
		snprintf(path, sizeof(path), "/sys/class/mdev_bus/%s/driver",
			 d->parent);
		driver_link(path, "module", d->first.name,
			    sizeof(d->first.name));
	}
	if (created)
		mdev_remove(uuid);
}

/**
 * driver_find_device - find how the kernel log names the parent
 * @d: the driver, whose parent is registered
 */
static inline void driver_find_device(struct driver *d)
{
	char path[MDEV_PATH_SIZE], subsystem[64], numbers[32];
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/class/mdev_bus/%s", d->parent);
	if (!driver_link(path, "subsystem", subsystem, sizeof(subsystem)))
		return;
	len = mdev_read_attr(path, "dev", numbers, sizeof(numbers));
	if (len > 0)
		snprintf(d->device, sizeof(d->device), "c%.*s",
			 (int)len - 1, numbers);
	else
		snprintf(d->device, sizeof(d->device), "+%s:%s", subsystem,
			 d->parent);
	d->device[DRIVER_LOG_DEVICE] = '\0';
}

/**
 * driver_find_lasting - find a reason for which the parent cannot be taken away
 * @d: the driver
 *
 * A device that another program has created would go with the parent.
 */
static inline void driver_find_lasting(struct driver *d)
{
	char path[MDEV_PATH_SIZE];
	struct dirent *entry;
	DIR *dir = opendir(MDEV_DEVICES);
	int fd;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(d->lasting, sizeof(d->lasting),
				 "the device %s could go with the driver: remove it",
				 entry->d_name);
	if (dir)
		closedir(dir);
	if (d->lasting[0] || d->unload)
		return;

	if (!d->first.name[0]) {
		snprintf(d->lasting, sizeof(d->lasting),
			 "sysfs does not lead to the module: set MDEV_MODULE, or MDEV_LOAD and MDEV_UNLOAD");
		return;
	}
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", d->first.name);
	if (access(path, F_OK)) {
		snprintf(d->lasting, sizeof(d->lasting),
			 "%s is not a loaded module: set MDEV_MODULE to the driver's, or MDEV_LOAD and MDEV_UNLOAD",
			 d->first.name);
		return;
	}
	fd = d->first.path[0] ? 0 : mdev_module_open(d->first.name);
	if (fd < 0)
		snprintf(d->lasting, sizeof(d->lasting),
			 "the file %s.ko is not found: set MDEV_MODULE", d->first.name);
	else if (fd > 0)
		close(fd);
}

#endif /* CONFORMANCE_TEST_UTILS_H */

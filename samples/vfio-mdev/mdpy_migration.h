/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Migration of mdpy devices
 *
 * All of the state is sent while the device is stopped, so that a target which
 * does not take it fails only after everything else was sent.  The stream is
 *
 *	struct mdpy_stream_header
 *	configuration space
 *	video memory
 *	since version 1.1: CRC-32 of all of this, little endian
 *
 * This is a header because the module has the name of its only source file.
 */

#ifndef MDPY_MIGRATION_H
#define MDPY_MIGRATION_H

#include <linux/anon_inodes.h>
#include <linux/crc32.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci_regs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "mdpy-defs.h"
#include "migration_version.h"

/*
 * Software version of the device state: the same major number with a lower
 * minor number is an older state, which still loads.
 */
#define MDPY_MIGRATION_MAJOR	1
#define MDPY_MIGRATION_MINOR	1
/* The first minor number whose stream ends with a checksum */
#define MDPY_MINOR_CHECKSUM	1

/* "mdpystat", as it is in memory */
#define MDPY_STREAM_MAGIC	0x746174737970646dULL

struct mdpy_stream_header {
	__le64 magic;
	__le16 vendor;
	__le16 device;
	__le32 major;
	__le32 minor;
	/* In bytes; the size of the memory depends on the type */
	__le32 config_size;
	__le32 memory_size;
	/* A flag is not defined yet, so a stream with one is refused */
	__le32 flags;
};

struct mdpy_migration;

/**
 * struct mdpy_stream - a migration of a device, to or from a file
 * @turn: held by one read or write of the file at a time, also while it accesses
 *	user space, which may take as long as the user likes
 * @lock: protects the members after it but @filp; held only for a short time
 * @migration: migration of the device, or NULL when the stream has ended
 * @filp: file of the stream; the device has a reference until the stream ends
 * @size: bytes in the whole stream; until the header is complete, the largest
 *	number that is possible
 * @pos: bytes that were transferred
 * @error: negative errno with which the stream was rejected, or 0
 * @copying: user space is being accessed, so @data must not be freed
 * @data: bytes of the stream, or NULL after its end
 *
 * A file that stays open after the end keeps only this structure.
 *
 * Lock order: @turn or &mdpy_migration.lock, then @lock.
 */
struct mdpy_stream {
	struct mutex turn; /* see above */
	struct mutex lock; /* see above */
	struct mdpy_migration *migration;
	struct file *filp;
	size_t size;
	size_t pos;
	int error;
	bool copying;
	u8 *data;
};

/**
 * struct mdpy_migration - migration of a device, and the state to transfer
 * @vdev: VFIO device
 * @lock: protects @config, @state and @stream
 * @config: configuration space
 * @config_size: bytes in @config
 * @memory: video memory, which user space may have mapped
 * @memory_size: bytes in @memory
 * @state: state of migration
 * @stream: stream of the migration in progress, or NULL
 */
struct mdpy_migration {
	struct vfio_device *vdev;
	struct mutex *lock; /* see above */
	u8 *config;
	size_t config_size;
	void *memory;
	size_t memory_size;
	enum vfio_device_mig_state state;
	struct mdpy_stream *stream;
};

static const struct sample_migration_version mdpy_migration_version = {
	.vendor = MDPY_PCI_VENDOR_ID,
	.device = MDPY_PCI_DEVICE_ID,
	.major = MDPY_MIGRATION_MAJOR,
	.minor = MDPY_MIGRATION_MINOR,
};

static bool mdpy_accepts_version(u32 major, u32 minor)
{
	return major == MDPY_MIGRATION_MAJOR && minor <= MDPY_MIGRATION_MINOR;
}

static size_t mdpy_stream_size(const struct mdpy_migration *migration,
			       u32 minor)
{
	size_t size = sizeof(struct mdpy_stream_header) +
		      migration->config_size + migration->memory_size;

	return minor < MDPY_MINOR_CHECKSUM ? size : size + sizeof(__le32);
}

/* The checksum at the end of the stream is not part of the sum */
static __le32 mdpy_stream_checksum(const struct mdpy_stream *stream)
{
	return cpu_to_le32(~crc32_le(~0, stream->data,
				     stream->size - sizeof(__le32)));
}

static void mdpy_stream_free(struct mdpy_stream *stream)
{
	kvfree(stream->data);
	mutex_destroy(&stream->lock);
	mutex_destroy(&stream->turn);
	kfree(stream);
}

/* The stream has ended, because the device has put its reference of the file */
static int mdpy_stream_release(struct inode *inode, struct file *filp)
{
	mdpy_stream_free(filp->private_data);
	return 0;
}

static void mdpy_stream_free_data(struct mdpy_stream *stream)
{
	kvfree(stream->data);
	stream->data = NULL;
}

static void mdpy_stream_unlock(struct mdpy_stream *stream)
{
	mutex_unlock(&stream->lock);
	mutex_unlock(&stream->turn);
}

/* The device must not wait for an access to user space */
static u8 *mdpy_stream_begin_copy(struct mdpy_stream *stream)
{
	u8 *bytes = stream->data + stream->pos;

	stream->copying = true;
	mutex_unlock(&stream->lock);
	return bytes;
}

/* @left: bytes that could not be copied */
static int mdpy_stream_end_copy(struct mdpy_stream *stream, unsigned long left)
{
	mutex_lock(&stream->lock);
	stream->copying = false;
	if (!stream->migration) {
		mdpy_stream_free_data(stream);
		return -ENODEV;
	}
	return left ? -EFAULT : 0;
}

static ssize_t mdpy_save_read(struct file *filp, char __user *buf, size_t len,
			      loff_t *ppos)
{
	struct mdpy_stream *stream = filp->private_data;
	unsigned long left;
	const u8 *bytes;
	ssize_t ret;

	if (mutex_lock_interruptible(&stream->turn))
		return -ERESTARTSYS;
	mutex_lock(&stream->lock);
	if (!stream->migration) {
		ret = -ENODEV;
		goto out_unlock;
	}

	len = min(len, stream->size - stream->pos);
	bytes = mdpy_stream_begin_copy(stream);
	left = copy_to_user(buf, bytes, len);
	ret = mdpy_stream_end_copy(stream, left);
	if (!ret) {
		stream->pos += len;
		ret = len;
	}

out_unlock:
	mdpy_stream_unlock(stream);
	return ret;
}

static const struct file_operations mdpy_save_fops = {
	.owner = THIS_MODULE,
	.read = mdpy_save_read,
	.release = mdpy_stream_release,
};

/* The header is complete: judge it, and set the size of the stream */
static int mdpy_resume_header(struct mdpy_stream *stream)
{
	const struct mdpy_stream_header *header = (void *)stream->data;
	struct mdpy_migration *migration = stream->migration;
	struct sample_migration_version source = {
		.vendor = le16_to_cpu(header->vendor),
		.device = le16_to_cpu(header->device),
		.major = le32_to_cpu(header->major),
		.minor = le32_to_cpu(header->minor),
	};
	int ret;

	if (le64_to_cpu(header->magic) != MDPY_STREAM_MAGIC)
		return -EINVAL;

	ret = sample_migration_version_compare(&source,
					       &mdpy_migration_version,
					       mdpy_accepts_version);
	if (ret)
		return ret;

	if (le32_to_cpu(header->config_size) != migration->config_size ||
	    le32_to_cpu(header->memory_size) != migration->memory_size ||
	    header->flags)
		return -EINVAL;

	stream->size = mdpy_stream_size(migration, source.minor);
	return 0;
}

static ssize_t mdpy_resume_write(struct file *filp, const char __user *buf,
				 size_t len, loff_t *ppos)
{
	struct mdpy_stream *stream = filp->private_data;
	unsigned long left;
	bool header;
	ssize_t ret;
	u8 *bytes;

	if (mutex_lock_interruptible(&stream->turn))
		return -ERESTARTSYS;
	mutex_lock(&stream->lock);
	if (!stream->migration) {
		ret = -ENODEV;
		goto out_unlock;
	}

	/* A stream that was rejected stays rejected */
	ret = stream->error;
	if (ret)
		goto out_unlock;

	if (len > stream->size - stream->pos) {
		ret = -EINVAL;
		goto out_rejected;
	}
	bytes = mdpy_stream_begin_copy(stream);
	left = copy_from_user(bytes, buf, len);
	ret = mdpy_stream_end_copy(stream, left);
	if (ret)
		goto out_unlock;

	header = stream->pos < sizeof(struct mdpy_stream_header);
	stream->pos += len;
	if (header && stream->pos >= sizeof(struct mdpy_stream_header)) {
		ret = mdpy_resume_header(stream);
		if (!ret && stream->pos > stream->size)
			ret = -EINVAL;
		if (ret)
			goto out_rejected;
	}
	ret = len;
	goto out_unlock;

out_rejected:
	stream->error = ret;
	dev_dbg(stream->migration->vdev->dev,
		"stream rejected after %zu bytes: %zd\n", stream->pos, ret);
out_unlock:
	mdpy_stream_unlock(stream);
	return ret;
}

static const struct file_operations mdpy_resume_fops = {
	.owner = THIS_MODULE,
	.write = mdpy_resume_write,
	.release = mdpy_stream_release,
};

/* The caller gets a reference of the file */
static struct file *mdpy_stream_open(struct mdpy_migration *migration,
				     const struct file_operations *fops,
				     int flags)
{
	struct mdpy_stream *stream = kzalloc(sizeof(*stream), GFP_KERNEL_ACCOUNT);
	struct file *filp;

	if (!stream)
		return ERR_PTR(-ENOMEM);
	mutex_init(&stream->turn);
	mutex_init(&stream->lock);

	stream->size = mdpy_stream_size(migration, MDPY_MIGRATION_MINOR);
	stream->data = kvzalloc(stream->size, GFP_KERNEL_ACCOUNT);
	filp = ERR_PTR(-ENOMEM);
	if (stream->data)
		filp = anon_inode_getfile("[mdpy-migration]", fops, stream,
					  flags);
	if (IS_ERR(filp)) {
		mdpy_stream_free(stream);
		return filp;
	}
	stream_open(filp->f_inode, filp);

	stream->filp = filp;
	stream->migration = migration;
	migration->stream = stream;

	return get_file(filp);
}

/* End the stream.  Its file may stay open, but keeps neither data nor device. */
static void mdpy_stream_close(struct mdpy_migration *migration)
{
	struct mdpy_stream *stream = migration->stream;

	if (!stream)
		return;

	mutex_lock(&stream->lock);
	stream->migration = NULL;
	if (!stream->copying)
		mdpy_stream_free_data(stream);
	mutex_unlock(&stream->lock);

	migration->stream = NULL;
	fput(stream->filp);
}

/* Copy the state, because user space may write to the mapped video memory */
static struct file *mdpy_save(struct mdpy_migration *migration)
{
	struct mdpy_stream_header *header;
	struct mdpy_stream *stream;
	struct file *filp;
	__le32 checksum;
	u8 *data;

	filp = mdpy_stream_open(migration, &mdpy_save_fops, O_RDONLY);
	if (IS_ERR(filp))
		return filp;

	stream = migration->stream;
	header = (void *)stream->data;
	header->magic = cpu_to_le64(MDPY_STREAM_MAGIC);
	header->vendor = cpu_to_le16(mdpy_migration_version.vendor);
	header->device = cpu_to_le16(mdpy_migration_version.device);
	header->major = cpu_to_le32(mdpy_migration_version.major);
	header->minor = cpu_to_le32(mdpy_migration_version.minor);
	header->config_size = cpu_to_le32(migration->config_size);
	header->memory_size = cpu_to_le32(migration->memory_size);

	data = stream->data + sizeof(*header);
	memcpy(data, migration->config, migration->config_size);
	data += migration->config_size;
	memcpy(data, migration->memory, migration->memory_size);
	data += migration->memory_size;

	if (MDPY_MIGRATION_MINOR >= MDPY_MINOR_CHECKSUM) {
		checksum = mdpy_stream_checksum(stream);
		memcpy(data, &checksum, sizeof(checksum));
	}

	return filp;
}

/* Can this device have such a configuration space? */
static bool mdpy_config_valid(const struct mdpy_migration *migration,
			      const u8 *config)
{
	/* The guest can change the address in its only BAR, but not the flags */
	const size_t bar = PCI_BASE_ADDRESS_0, after = bar + sizeof(u32);
	u8 flags = (u8)~PCI_BASE_ADDRESS_MEM_MASK;

	return !memcmp(config, migration->config, bar) &&
	       !((config[bar] ^ migration->config[bar]) & flags) &&
	       !memcmp(config + after, migration->config + after,
		       migration->config_size - after);
}

/*
 * The device changes only if the whole stream is valid.  The bytes of a complete
 * stream cannot change: @pos counts the bytes of a write only after they were
 * copied, so that the stream is not complete before.
 */
static int mdpy_load(struct mdpy_migration *migration)
{
	struct mdpy_stream *stream = migration->stream;
	const struct mdpy_stream_header *header = (void *)stream->data;
	const u8 *config = stream->data + sizeof(*header);
	const u8 *memory = config + migration->config_size;
	__le32 checksum;
	int ret;

	mutex_lock(&stream->lock);
	ret = stream->error;
	/* Until the header is complete, size is the largest that is possible */
	if (!ret && stream->pos < stream->size)
		ret = -EINVAL;
	mutex_unlock(&stream->lock);
	if (ret)
		return ret;

	if (le32_to_cpu(header->minor) >= MDPY_MINOR_CHECKSUM) {
		checksum = mdpy_stream_checksum(stream);
		if (memcmp(memory + migration->memory_size, &checksum,
			   sizeof(checksum)))
			return -EINVAL;
	}
	if (!mdpy_config_valid(migration, config))
		return -EINVAL;

	memcpy(migration->config, config, migration->config_size);
	memcpy(migration->memory, memory, migration->memory_size);
	mdpy_stream_close(migration);
	return 0;
}

static struct file *mdpy_step_state(struct mdpy_migration *migration,
				    enum vfio_device_mig_state new)
{
	enum vfio_device_mig_state cur = migration->state;

	if (cur == VFIO_DEVICE_STATE_STOP &&
	    new == VFIO_DEVICE_STATE_STOP_COPY)
		return mdpy_save(migration);

	if (cur == VFIO_DEVICE_STATE_STOP_COPY &&
	    new == VFIO_DEVICE_STATE_STOP) {
		mdpy_stream_close(migration);
		return NULL;
	}

	if (cur == VFIO_DEVICE_STATE_STOP && new == VFIO_DEVICE_STATE_RESUMING)
		return mdpy_stream_open(migration, &mdpy_resume_fops, O_WRONLY);

	/* If the load fails, the device stays in RESUMING until it is reset */
	if (cur == VFIO_DEVICE_STATE_RESUMING && new == VFIO_DEVICE_STATE_STOP)
		return ERR_PTR(mdpy_load(migration));

	/* The device does not do DMA, so these states are alike */
	if ((cur == VFIO_DEVICE_STATE_RUNNING &&
	     new == VFIO_DEVICE_STATE_RUNNING_P2P) ||
	    (cur == VFIO_DEVICE_STATE_RUNNING_P2P &&
	     (new == VFIO_DEVICE_STATE_RUNNING ||
	      new == VFIO_DEVICE_STATE_STOP)) ||
	    (cur == VFIO_DEVICE_STATE_STOP &&
	     new == VFIO_DEVICE_STATE_RUNNING_P2P))
		return NULL;

	/* vfio_mig_get_next_state() does not have other arcs without PRE_COPY */
	WARN_ON_ONCE(true);
	return ERR_PTR(-EINVAL);
}

static struct mdpy_migration *mdpy_migration_of(struct vfio_device *vdev);

static struct file *mdpy_set_state(struct vfio_device *vdev,
				   enum vfio_device_mig_state new)
{
	struct mdpy_migration *migration = mdpy_migration_of(vdev);
	enum vfio_device_mig_state next;
	struct file *filp = NULL;
	int ret;

	mutex_lock(migration->lock);
	while (migration->state != new) {
		ret = vfio_mig_get_next_state(vdev, migration->state, new,
					      &next);
		if (ret) {
			filp = ERR_PTR(ret);
			break;
		}

		filp = mdpy_step_state(migration, next);
		if (IS_ERR(filp))
			break;
		migration->state = next;
	}
	mutex_unlock(migration->lock);

	return filp;
}

static int mdpy_get_state(struct vfio_device *vdev,
			  enum vfio_device_mig_state *state)
{
	struct mdpy_migration *migration = mdpy_migration_of(vdev);

	mutex_lock(migration->lock);
	*state = migration->state;
	mutex_unlock(migration->lock);

	return 0;
}

static int mdpy_get_data_size(struct vfio_device *vdev,
			      unsigned long *stop_copy_length)
{
	*stop_copy_length = mdpy_stream_size(mdpy_migration_of(vdev),
					     MDPY_MIGRATION_MINOR);
	return 0;
}

static const struct vfio_migration_ops mdpy_migration_ops = {
	.migration_set_state = mdpy_set_state,
	.migration_get_state = mdpy_get_state,
	.migration_get_data_size = mdpy_get_data_size,
};

/**
 * mdpy_migration_init - let a device migrate
 * @migration: migration of @vdev; the caller has set the lock and the members of
 *	the state, and all others are zero
 * @vdev: device that is being initialised
 *
 * Context: &vfio_device_ops.init of the device.
 */
static void mdpy_migration_init(struct mdpy_migration *migration,
				struct vfio_device *vdev)
{
	migration->vdev = vdev;
	migration->state = VFIO_DEVICE_STATE_RUNNING;
	vdev->migration_flags = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P;
	vdev->mig_ops = &mdpy_migration_ops;
}

/**
 * mdpy_migration_reset - end a migration in any state
 * @migration: migration of a device that is reset or closed
 *
 * Context: Under &mdpy_migration.lock; may sleep, but does not wait for user space.
 */
static void mdpy_migration_reset(struct mdpy_migration *migration)
{
	lockdep_assert_held(migration->lock);

	mdpy_stream_close(migration);
	migration->state = VFIO_DEVICE_STATE_RUNNING;
}

#endif /* MDPY_MIGRATION_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated mediated devices: the VFIO device and its migration
 *
 * A device is a PCI function with one BAR, which has registers and a buffer.  The
 * device only keeps their contents.  The stream of a migration is
 *
 *	struct mdev_sim_header
 *	the version string of the source, without a NUL
 *	the registers
 *	the buffer
 *
 * The first two do not change and can be sent while the device runs, so that
 * the target accepts or rejects the version before the source stops.
 */

#include <linux/anon_inodes.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci_regs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>
#include <linux/vfio.h>

#include "mdev_sim.h"

/* 0x1234 is not assigned to anybody, and emulators use it */
#define MDEV_SIM_PCI_VENDOR	0x1234
#define MDEV_SIM_PCI_DEVICE	0x6d73
/* A guest does not have a driver for this class */
#define MDEV_SIM_PCI_CLASS	0xff

/* The regions of the device file are as far apart as in vfio-pci */
#define MDEV_SIM_OFFSET_SHIFT	40
#define MDEV_SIM_OFFSET_MASK	(BIT_ULL(MDEV_SIM_OFFSET_SHIFT) - 1)

#define MDEV_SIM_CONFIG_SIZE	256

/* Places in BAR 0; all other bytes of it read as zero */
#define MDEV_SIM_REGS		0x0000
#define MDEV_SIM_REGS_SIZE	0x0040
#define MDEV_SIM_BUFFER		0x1000

/*
 * User space is accessed without &mdev_sim_device.lock, because an access takes as
 * long as the owner of the memory likes.  So all data goes through a buffer that
 * belongs to the call, this much at a time.
 */
#define MDEV_SIM_CHUNK		((size_t)SZ_4K)

#define MDEV_SIM_MAGIC		0x314d4953564544fdULL
#define MDEV_SIM_STREAM_FORMAT	1

struct mdev_sim_header {
	__le64 magic;
	__le32 format;
	__le32 version_len;
	__le64 state_size;
};

struct mdev_sim_device;

/* A consecutive piece of a stream */
struct mdev_sim_part {
	void *data;
	size_t size;
};

enum {
	MDEV_SIM_PART_HEADER,
	MDEV_SIM_PART_VERSION,
	MDEV_SIM_PART_REGS,
	MDEV_SIM_PART_BUFFER,
	MDEV_SIM_PARTS
};

/**
 * struct mdev_sim_stream - migration of a device, to or from a file
 * @sim: device
 * @file: file, a reference; its private data is a &struct mdev_sim_file
 * @header: first part of the stream
 * @version: second part, with a NUL
 * @regs: third part, if it is being loaded
 * @buffer: fourth part, if it is being loaded
 * @part: all four parts; a part that must not be transferred yet has size 0
 * @pos: bytes that were transferred
 * @error: negative errno with which the stream was rejected, or 0
 *
 * A stream exists while &mdev_sim_device.stream points to it, and is protected by
 * &mdev_sim_device.lock.
 */
struct mdev_sim_stream {
	struct mdev_sim_device *sim;
	struct file *file;
	struct mdev_sim_header header;
	char version[MDEV_SIM_VERSION_MAX + 1];
	u8 regs[MDEV_SIM_REGS_SIZE];
	void *buffer;
	struct mdev_sim_part part[MDEV_SIM_PARTS];
	size_t pos;
	int error;
};

/**
 * struct mdev_sim_file - open file of a migration, also after the migration
 * @sim: device, a reference
 * @lock: one reader or writer at a time; held over accesses to user space, so that
 *	only read() and write() of this file may wait for it.  It is taken
 *	before &mdev_sim_device.lock.
 * @stream: the stream of the migration, NULL after its end; protected by
 *	&mdev_sim_device.lock
 */
struct mdev_sim_file {
	struct mdev_sim_device *sim;
	struct mutex lock; /* see above */
	struct mdev_sim_stream *stream;
};

/**
 * struct mdev_sim_device - simulated device
 * @vdev: structure of VFIO
 * @mtype: type of the device, not valid after the device was removed
 * @type: knobs of @mtype, a reference
 * @state_size: bytes in @buffer
 * @bar_size: bytes in BAR 0
 * @lock: protects the members after it; not held over accesses to user space
 * @state: state of migration
 * @stream: stream of the migration in progress, or NULL
 * @config: configuration space
 * @config_mask: bits of @config that can be written
 * @regs: contents of the registers
 * @buffer: contents of the buffer
 */
struct mdev_sim_device {
	struct vfio_device vdev;
	struct mdev_type *mtype;
	struct mdev_sim_type *type;
	size_t state_size;
	u32 bar_size;
	struct mutex lock; /* see above */
	enum vfio_device_mig_state state;
	struct mdev_sim_stream *stream;
	u8 config[MDEV_SIM_CONFIG_SIZE];
	u8 config_mask[MDEV_SIM_CONFIG_SIZE];
	u8 regs[MDEV_SIM_REGS_SIZE];
	void *buffer;
};

static struct mdev_sim_device *to_mdev_sim_device(struct vfio_device *vdev)
{
	return container_of(vdev, struct mdev_sim_device, vdev);
}

/* A P2P state is like the state without P2P, because the device does not do DMA */
static bool mdev_sim_is_pre_copy(enum vfio_device_mig_state state)
{
	return state == VFIO_DEVICE_STATE_PRE_COPY ||
	       state == VFIO_DEVICE_STATE_PRE_COPY_P2P;
}

static bool mdev_sim_is_running(enum vfio_device_mig_state state)
{
	return state == VFIO_DEVICE_STATE_RUNNING ||
	       state == VFIO_DEVICE_STATE_RUNNING_P2P;
}

/* Streams */

/* Return the next bytes of a stream and their number, or NULL at the end */
static void *mdev_sim_stream_at(struct mdev_sim_stream *stream, size_t *len)
{
	size_t pos = stream->pos;
	int i;

	for (i = 0; i < MDEV_SIM_PARTS; i++) {
		if (pos < stream->part[i].size) {
			*len = stream->part[i].size - pos;
			return stream->part[i].data + pos;
		}
		pos -= stream->part[i].size;
	}

	return NULL;
}

static size_t mdev_sim_stream_size(const struct mdev_sim_stream *stream)
{
	size_t size = 0;
	int i;

	for (i = 0; i < MDEV_SIM_PARTS; i++)
		size += stream->part[i].size;

	return size;
}

static void mdev_sim_stream_add_state(struct mdev_sim_stream *stream,
				      void *regs, void *buffer)
{
	stream->part[MDEV_SIM_PART_REGS].data = regs;
	stream->part[MDEV_SIM_PART_REGS].size = MDEV_SIM_REGS_SIZE;
	stream->part[MDEV_SIM_PART_BUFFER].data = buffer;
	stream->part[MDEV_SIM_PART_BUFFER].size = stream->sim->state_size;
}

/**
 * mdev_sim_file_release - implement &file_operations.release
 * @inode: inode of @file
 * @file: file of a stream
 *
 * Return: 0.
 */
static int mdev_sim_file_release(struct inode *inode, struct file *file)
{
	struct mdev_sim_file *migf = file->private_data;
	struct mdev_sim_device *sim = migf->sim;

	mutex_destroy(&migf->lock);
	kfree(migf);
	vfio_put_device(&sim->vdev);
	return 0;
}

/* Copy the next bytes of a stream, and return their number, 0 at the end */
static ssize_t mdev_sim_save_next(struct mdev_sim_file *migf, void *chunk,
				  size_t size)
{
	struct mdev_sim_device *sim = migf->sim;
	ssize_t ret = -ENODEV;
	void *data;
	size_t n;

	mutex_lock(&sim->lock);
	if (!migf->stream)
		goto out_unlock;

	ret = 0;
	if (!size)
		goto out_unlock;

	data = mdev_sim_stream_at(migf->stream, &n);
	if (data) {
		ret = min(n, size);
		memcpy(chunk, data, ret);
	} else if (mdev_sim_is_pre_copy(sim->state)) {
		/* In PRE_COPY, more bytes will follow */
		ret = -ENOMSG;
	}

out_unlock:
	mutex_unlock(&sim->lock);
	return ret;
}

static void mdev_sim_save_advance(struct mdev_sim_file *migf, size_t n)
{
	mutex_lock(&migf->sim->lock);
	if (migf->stream)
		migf->stream->pos += n;
	mutex_unlock(&migf->sim->lock);
}

/**
 * mdev_sim_save_read - implement &file_operations.read
 * @file: file of a stream that is saved
 * @buf: buffer to fill
 * @len: size of @buf
 * @ppos: NULL, because a stream does not have positions
 *
 * Return: the number of bytes, 0 at the end of the stream, or a negative errno.
 */
static ssize_t mdev_sim_save_read(struct file *file, char __user *buf,
				  size_t len, loff_t *ppos)
{
	struct mdev_sim_file *migf = file->private_data;
	ssize_t done = 0, ret;
	void *chunk;

	chunk = kmalloc(min(len, MDEV_SIM_CHUNK), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;
	ret = mutex_lock_interruptible(&migf->lock);
	if (ret)
		goto out_free;

	do {
		ret = mdev_sim_save_next(migf, chunk,
					 min(len - done, MDEV_SIM_CHUNK));
		if (ret <= 0)
			break;
		if (copy_to_user(buf + done, chunk, ret)) {
			ret = -EFAULT;
			break;
		}
		/* Bytes that did not arrive can be read again */
		mdev_sim_save_advance(migf, ret);
		done += ret;
	} while (done < len);

	mutex_unlock(&migf->lock);
out_free:
	kfree(chunk);
	return done ?: ret;
}

/**
 * mdev_sim_save_ioctl - implement &file_operations.unlocked_ioctl
 * @file: file of a stream that is saved
 * @cmd: number of the ioctl
 * @arg: its argument
 *
 * Return: 0 or a negative errno.
 */
static long mdev_sim_save_ioctl(struct file *file, unsigned int cmd,
				unsigned long arg)
{
	struct mdev_sim_file *migf = file->private_data;
	struct mdev_sim_device *sim = migf->sim;
	struct vfio_precopy_info info = {};
	int ret;

	ret = vfio_check_precopy_ioctl(&sim->vdev, cmd, arg, &info);

	mutex_lock(&sim->lock);
	if (!migf->stream)
		ret = -ENODEV;
	else if (!ret && !mdev_sim_is_pre_copy(sim->state))
		ret = -EINVAL;
	else if (!ret)
		info.initial_bytes = mdev_sim_stream_size(migf->stream) -
				     migf->stream->pos;
	mutex_unlock(&sim->lock);
	if (ret)
		return ret;

	info.dirty_bytes = 0;
	return copy_to_user((void __user *)arg, &info,
			    offsetofend(struct vfio_precopy_info,
					dirty_bytes)) ? -EFAULT : 0;
}

static const struct file_operations mdev_sim_save_fops = {
	.owner = THIS_MODULE,
	.read = mdev_sim_save_read,
	.unlocked_ioctl = mdev_sim_save_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = mdev_sim_file_release,
};

/* The header is complete: can the rest be a stream for this device? */
static int mdev_sim_resume_header(struct mdev_sim_stream *stream)
{
	const struct mdev_sim_header *header = &stream->header;
	u32 version_len = le32_to_cpu(header->version_len);

	if (le64_to_cpu(header->magic) != MDEV_SIM_MAGIC ||
	    le32_to_cpu(header->format) != MDEV_SIM_STREAM_FORMAT ||
	    le64_to_cpu(header->state_size) != stream->sim->state_size)
		return -EINVAL;
	if (version_len > MDEV_SIM_VERSION_MAX)
		return -E2BIG;

	stream->part[MDEV_SIM_PART_VERSION].size = version_len;
	return 0;
}

/*
 * The version string is complete: return the result that a write of the string
 * to migration_version would have.  mdev does not ask a driver about a string that
 * is not printable.
 */
static int mdev_sim_resume_version(struct mdev_sim_stream *stream)
{
	size_t len = stream->part[MDEV_SIM_PART_VERSION].size, i;
	struct mdev_sim_device *sim = stream->sim;
	int ret;

	switch (READ_ONCE(sim->type->load)) {
	case MDEV_SIM_LOAD_ACCEPT:
		return 0;
	case MDEV_SIM_LOAD_REJECT:
		return -EPROTONOSUPPORT;
	case MDEV_SIM_LOAD_AS_CHECK:
		break;
	}

	if (!len)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!isascii(stream->version[i]) || !isprint(stream->version[i]))
			return -EINVAL;

	ret = mdev_sim_check(sim->mtype, stream->version);
	/* mdev is not on this path, so a faulty result becomes EIO here */
	return ret > 0 || ret <= -ERESTARTSYS ? -EIO : ret;
}

/* Judge the header and the version once they are complete */
static int mdev_sim_resume_step(struct mdev_sim_stream *stream)
{
	size_t size = mdev_sim_stream_size(stream);
	int ret = 0;

	if (stream->pos < size || stream->part[MDEV_SIM_PART_REGS].size)
		return 0;

	if (size == sizeof(stream->header))
		ret = mdev_sim_resume_header(stream);
	if (ret || stream->pos < mdev_sim_stream_size(stream))
		return ret;

	ret = mdev_sim_resume_version(stream);
	if (!ret)
		mdev_sim_stream_add_state(stream, stream->regs, stream->buffer);
	return ret;
}

/* Load the next bytes of a stream, and return 0 or a negative errno */
static int mdev_sim_resume_next(struct mdev_sim_file *migf, const void *chunk,
				size_t len)
{
	struct mdev_sim_stream *stream;
	int ret = -ENODEV;
	void *data;
	size_t n;

	mutex_lock(&migf->sim->lock);
	stream = migf->stream;
	if (!stream)
		goto out_unlock;

	while (len && !stream->error) {
		data = mdev_sim_stream_at(stream, &n);
		if (!data) {
			/* The stream is too long */
			stream->error = -EINVAL;
			break;
		}

		n = min(n, len);
		memcpy(data, chunk, n);
		stream->pos += n;
		chunk += n;
		len -= n;
		stream->error = mdev_sim_resume_step(stream);
	}

	/* A stream that was rejected stays rejected */
	ret = stream->error;

out_unlock:
	mutex_unlock(&migf->sim->lock);
	return ret;
}

/**
 * mdev_sim_resume_write - implement &file_operations.write
 * @file: file of a stream that is loaded
 * @buf: next bytes of the stream
 * @len: length of @buf
 * @ppos: NULL, because a stream does not have positions
 *
 * Return: the number of bytes, or a negative errno.
 */
static ssize_t mdev_sim_resume_write(struct file *file, const char __user *buf,
				     size_t len, loff_t *ppos)
{
	struct mdev_sim_file *migf = file->private_data;
	ssize_t done = 0, ret;
	void *chunk;
	size_t n;

	chunk = kmalloc(min(len, MDEV_SIM_CHUNK), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;
	ret = mutex_lock_interruptible(&migf->lock);
	if (ret)
		goto out_free;

	do {
		n = min(len - done, MDEV_SIM_CHUNK);
		if (copy_from_user(chunk, buf + done, n)) {
			ret = done ?: -EFAULT;
			break;
		}
		ret = mdev_sim_resume_next(migf, chunk, n);
		if (ret)
			break;
		done += n;
		ret = done;
	} while (done < len);

	mutex_unlock(&migf->lock);
out_free:
	kfree(chunk);
	return ret;
}

static const struct file_operations mdev_sim_resume_fops = {
	.owner = THIS_MODULE,
	.write = mdev_sim_resume_write,
	.release = mdev_sim_file_release,
};

/* Open a stream without its state; the caller gets a reference of the file */
static struct file *mdev_sim_stream_open(struct mdev_sim_device *sim,
					 const struct file_operations *fops,
					 int flags)
{
	struct mdev_sim_stream *stream;
	struct mdev_sim_file *migf;
	struct file *file;

	stream = kzalloc_obj(*stream, GFP_KERNEL_ACCOUNT);
	migf = kzalloc_obj(*migf, GFP_KERNEL_ACCOUNT);
	file = ERR_PTR(-ENOMEM);
	if (stream && migf)
		file = anon_inode_getfile("[mdev-sim-migration]", fops, migf,
					  flags);
	if (IS_ERR(file)) {
		kfree(migf);
		kfree(stream);
		return file;
	}
	stream_open(file->f_inode, file);

	/* Pairs with the put in mdev_sim_file_release() */
	get_device(&sim->vdev.device);
	migf->sim = sim;
	migf->stream = stream;
	mutex_init(&migf->lock);
	stream->sim = sim;
	stream->file = file;
	stream->part[MDEV_SIM_PART_HEADER].data = &stream->header;
	stream->part[MDEV_SIM_PART_HEADER].size = sizeof(stream->header);
	stream->part[MDEV_SIM_PART_VERSION].data = stream->version;
	sim->stream = stream;

	return get_file(file);
}

/* End the migration.  Its file may stay open, but does not hold any data. */
static void mdev_sim_stream_close(struct mdev_sim_device *sim)
{
	struct mdev_sim_stream *stream = sim->stream;
	struct mdev_sim_file *migf;

	if (!stream)
		return;

	migf = stream->file->private_data;
	migf->stream = NULL;
	fput(stream->file);
	kvfree(stream->buffer);
	kfree(stream);
	sim->stream = NULL;
}

static struct file *mdev_sim_save(struct mdev_sim_device *sim)
{
	struct mdev_sim_stream *stream;
	struct file *file;
	size_t len;

	file = mdev_sim_stream_open(sim, &mdev_sim_save_fops, O_RDONLY);
	if (IS_ERR(file))
		return file;

	stream = sim->stream;
	mutex_lock(&sim->type->lock);
	len = sim->type->version.len;
	memcpy(stream->version, sim->type->version.bytes, len);
	mutex_unlock(&sim->type->lock);

	stream->part[MDEV_SIM_PART_VERSION].size = len;
	stream->header.magic = cpu_to_le64(MDEV_SIM_MAGIC);
	stream->header.format = cpu_to_le32(MDEV_SIM_STREAM_FORMAT);
	stream->header.version_len = cpu_to_le32(len);
	stream->header.state_size = cpu_to_le64(sim->state_size);

	return file;
}

static struct file *mdev_sim_resume(struct mdev_sim_device *sim)
{
	struct file *file;
	void *buffer;

	/* A stream for a device of another size is refused, so this size is enough */
	buffer = kvzalloc(sim->state_size, GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return ERR_PTR(-ENOMEM);

	file = mdev_sim_stream_open(sim, &mdev_sim_resume_fops, O_WRONLY);
	if (IS_ERR(file))
		kvfree(buffer);
	else
		sim->stream->buffer = buffer;

	return file;
}

static int mdev_sim_load(struct mdev_sim_device *sim)
{
	struct mdev_sim_stream *stream = sim->stream;
	int ret = stream->error;

	if (!ret && (!stream->part[MDEV_SIM_PART_REGS].size ||
		     stream->pos < mdev_sim_stream_size(stream)))
		ret = -EINVAL;

	if (!ret) {
		memcpy(sim->regs, stream->regs, sizeof(sim->regs));
		swap(sim->buffer, stream->buffer);
	}

	mdev_sim_stream_close(sim);
	return ret;
}

/* State of migration */

static struct file *mdev_sim_step(struct mdev_sim_device *sim,
				  enum vfio_device_mig_state new)
{
	enum vfio_device_mig_state cur = sim->state;
	struct file *file;
	int ret;

	if ((mdev_sim_is_running(cur) && mdev_sim_is_running(new)) ||
	    (cur == VFIO_DEVICE_STATE_RUNNING_P2P &&
	     new == VFIO_DEVICE_STATE_STOP) ||
	    (cur == VFIO_DEVICE_STATE_STOP &&
	     new == VFIO_DEVICE_STATE_RUNNING_P2P))
		return NULL;

	if (cur == VFIO_DEVICE_STATE_STOP &&
	    new == VFIO_DEVICE_STATE_STOP_COPY) {
		file = mdev_sim_save(sim);
		if (!IS_ERR(file))
			mdev_sim_stream_add_state(sim->stream, sim->regs,
						  sim->buffer);
		return file;
	}

	if (mdev_sim_is_pre_copy(cur) && mdev_sim_is_pre_copy(new))
		return NULL;

	if (mdev_sim_is_running(cur) && mdev_sim_is_pre_copy(new))
		return mdev_sim_save(sim);

	if (cur == VFIO_DEVICE_STATE_PRE_COPY_P2P &&
	    new == VFIO_DEVICE_STATE_STOP_COPY) {
		mdev_sim_stream_add_state(sim->stream, sim->regs, sim->buffer);
		return NULL;
	}

	if ((mdev_sim_is_pre_copy(cur) && mdev_sim_is_running(new)) ||
	    (cur == VFIO_DEVICE_STATE_STOP_COPY &&
	     new == VFIO_DEVICE_STATE_STOP)) {
		mdev_sim_stream_close(sim);
		return NULL;
	}

	if (cur == VFIO_DEVICE_STATE_STOP &&
	    new == VFIO_DEVICE_STATE_RESUMING)
		return mdev_sim_resume(sim);

	if (cur == VFIO_DEVICE_STATE_RESUMING &&
	    new == VFIO_DEVICE_STATE_STOP) {
		ret = mdev_sim_load(sim);
		/* Only a reset leads out of this state, and nothing is loaded */
		if (ret)
			sim->state = VFIO_DEVICE_STATE_ERROR;
		return ERR_PTR(ret);
	}

	/* vfio_mig_get_next_state() does not have other arcs */
	WARN_ON_ONCE(true);
	return ERR_PTR(-EINVAL);
}

/**
 * mdev_sim_set_state - implement &vfio_migration_ops.migration_set_state
 * @vdev: the device
 * @new: next state
 *
 * Return: the file of the stream that begins, NULL if none does, or an ERR_PTR().
 */
static struct file *mdev_sim_set_state(struct vfio_device *vdev,
				       enum vfio_device_mig_state new)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);
	enum vfio_device_mig_state next;
	struct file *file = NULL;
	int ret;

	mutex_lock(&sim->lock);
	while (sim->state != new) {
		/* vfio_mig_get_next_state() warns if it is asked about ERROR */
		ret = -EINVAL;
		if (sim->state != VFIO_DEVICE_STATE_ERROR)
			ret = vfio_mig_get_next_state(vdev, sim->state, new,
						      &next);
		if (ret) {
			file = ERR_PTR(ret);
			break;
		}

		file = mdev_sim_step(sim, next);
		if (IS_ERR(file))
			break;
		sim->state = next;
	}
	mutex_unlock(&sim->lock);

	return file;
}

/**
 * mdev_sim_get_state - implement &vfio_migration_ops.migration_get_state
 * @vdev: the device
 * @state: its state
 *
 * Return: 0.
 */
static int mdev_sim_get_state(struct vfio_device *vdev,
			      enum vfio_device_mig_state *state)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);

	mutex_lock(&sim->lock);
	*state = sim->state;
	mutex_unlock(&sim->lock);

	return 0;
}

/**
 * mdev_sim_get_data_size - implement &vfio_migration_ops.migration_get_data_size
 * @vdev: the device
 * @stop_copy_length: length of a stream that begins now
 *
 * Return: 0.
 */
static int mdev_sim_get_data_size(struct vfio_device *vdev,
				  unsigned long *stop_copy_length)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);

	mutex_lock(&sim->type->lock);
	*stop_copy_length = sizeof(struct mdev_sim_header) +
			    sim->type->version.len + MDEV_SIM_REGS_SIZE +
			    sim->state_size;
	mutex_unlock(&sim->type->lock);

	return 0;
}

static const struct vfio_migration_ops mdev_sim_mig_ops = {
	.migration_set_state = mdev_sim_set_state,
	.migration_get_state = mdev_sim_get_state,
	.migration_get_data_size = mdev_sim_get_data_size,
};

/* The device */

static void mdev_sim_reset(struct mdev_sim_device *sim)
{
	mutex_lock(&sim->lock);
	mdev_sim_stream_close(sim);
	sim->state = VFIO_DEVICE_STATE_RUNNING;

	memset(sim->regs, 0, sizeof(sim->regs));
	memset(sim->buffer, 0, sim->state_size);

	memset(sim->config, 0, sizeof(sim->config));
	put_unaligned_le16(MDEV_SIM_PCI_VENDOR, &sim->config[PCI_VENDOR_ID]);
	put_unaligned_le16(MDEV_SIM_PCI_DEVICE, &sim->config[PCI_DEVICE_ID]);
	put_unaligned_le16(MDEV_SIM_PCI_VENDOR,
			   &sim->config[PCI_SUBSYSTEM_VENDOR_ID]);
	put_unaligned_le16(MDEV_SIM_PCI_DEVICE,
			   &sim->config[PCI_SUBSYSTEM_ID]);
	sim->config[PCI_CLASS_DEVICE + 1] = MDEV_SIM_PCI_CLASS;
	mutex_unlock(&sim->lock);
}

static void mdev_sim_init_config_mask(struct mdev_sim_device *sim)
{
	u8 *mask = sim->config_mask;

	put_unaligned_le16(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
			   &mask[PCI_COMMAND]);
	mask[PCI_CACHE_LINE_SIZE] = 0xff;
	mask[PCI_LATENCY_TIMER] = 0xff;
	mask[PCI_INTERRUPT_LINE] = 0xff;
	/* Address bits below the size read as zero, so that a guest finds the size */
	put_unaligned_le32(~(sim->bar_size - 1), &mask[PCI_BASE_ADDRESS_0]);
}

static size_t mdev_sim_region_size(struct mdev_sim_device *sim, u32 index)
{
	switch (index) {
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return MDEV_SIM_CONFIG_SIZE;
	case VFIO_PCI_BAR0_REGION_INDEX:
		return sim->bar_size;
	default:
		return 0;
	}
}

/* Return the bytes at @offset of BAR 0, NULL for zeros, and their number */
static void *mdev_sim_bar_at(struct mdev_sim_device *sim, size_t offset,
			     size_t *len)
{
	if (offset < MDEV_SIM_REGS_SIZE) {
		*len = MDEV_SIM_REGS_SIZE - offset;
		return sim->regs + offset;
	}
	if (offset < MDEV_SIM_BUFFER) {
		*len = MDEV_SIM_BUFFER - offset;
		return NULL;
	}
	if (offset < MDEV_SIM_BUFFER + sim->state_size) {
		*len = MDEV_SIM_BUFFER + sim->state_size - offset;
		return sim->buffer + offset - MDEV_SIM_BUFFER;
	}

	*len = sim->bar_size - offset;
	return NULL;
}

static void mdev_sim_read_bar(struct mdev_sim_device *sim, void *chunk,
			      size_t count, size_t offset)
{
	void *data;
	size_t n;

	for (; count; count -= n, chunk += n, offset += n) {
		data = mdev_sim_bar_at(sim, offset, &n);
		n = min(n, count);
		if (data)
			memcpy(chunk, data, n);
		else
			memset(chunk, 0, n);
	}
}

static int mdev_sim_write_bar(struct mdev_sim_device *sim, const void *chunk,
			      size_t count, size_t offset)
{
	void *data;
	size_t n;

	/* State that a migration saves or loads must not change meanwhile */
	if (!mdev_sim_is_running(sim->state) &&
	    !mdev_sim_is_pre_copy(sim->state))
		return -EBUSY;

	for (; count; count -= n, chunk += n, offset += n) {
		data = mdev_sim_bar_at(sim, offset, &n);
		n = min(n, count);
		if (data)
			memcpy(data, chunk, n);
	}

	return 0;
}

static void mdev_sim_write_config(struct mdev_sim_device *sim, const u8 *chunk,
				  size_t count, size_t offset)
{
	size_t i;

	for (i = 0; i < count; i++) {
		u8 mask = sim->config_mask[offset + i];
		u8 *byte = &sim->config[offset + i];

		*byte = (*byte & ~mask) | (chunk[i] & mask);
	}
}

/* Return the number of bytes of an access that are inside of its region */
static size_t mdev_sim_clip(struct mdev_sim_device *sim, loff_t pos,
			    size_t count, u32 *index, size_t *offset)
{
	u64 in_region = pos & MDEV_SIM_OFFSET_MASK;
	size_t size;

	*index = pos >> MDEV_SIM_OFFSET_SHIFT;
	size = mdev_sim_region_size(sim, *index);
	if (in_region >= size)
		return 0;

	*offset = in_region;
	return min(count, size - *offset);
}

/**
 * mdev_sim_read - implement &vfio_device_ops.read
 * @vdev: the device
 * @buf: buffer to fill
 * @count: size of @buf
 * @ppos: position in the file of the device
 *
 * Return: the number of bytes, or a negative errno.
 */
static ssize_t mdev_sim_read(struct vfio_device *vdev, char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);
	size_t offset, n, done = 0;
	void *chunk;
	u32 index;

	count = mdev_sim_clip(sim, *ppos, count, &index, &offset);
	if (!count)
		return 0;
	chunk = kmalloc(min(count, MDEV_SIM_CHUNK), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;

	for (; done < count; done += n) {
		n = min(count - done, MDEV_SIM_CHUNK);
		mutex_lock(&sim->lock);
		if (index == VFIO_PCI_CONFIG_REGION_INDEX)
			memcpy(chunk, sim->config + offset + done, n);
		else
			mdev_sim_read_bar(sim, chunk, n, offset + done);
		mutex_unlock(&sim->lock);
		if (copy_to_user(buf + done, chunk, n))
			break;
	}

	kfree(chunk);
	*ppos += done;
	return done ?: -EFAULT;
}

/**
 * mdev_sim_write - implement &vfio_device_ops.write
 * @vdev: the device
 * @buf: the bytes
 * @count: length of @buf
 * @ppos: position in the file of the device
 *
 * Return: the number of bytes, or a negative errno.
 */
static ssize_t mdev_sim_write(struct vfio_device *vdev, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);
	size_t offset, n, done = 0;
	void *chunk;
	u32 index;
	int ret;

	if (!count)
		return 0;
	count = mdev_sim_clip(sim, *ppos, count, &index, &offset);
	if (!count)
		return -ENOSPC;
	chunk = kmalloc(min(count, MDEV_SIM_CHUNK), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;

	for (ret = 0; done < count; done += n) {
		n = min(count - done, MDEV_SIM_CHUNK);
		if (copy_from_user(chunk, buf + done, n)) {
			ret = -EFAULT;
			break;
		}
		mutex_lock(&sim->lock);
		if (index == VFIO_PCI_CONFIG_REGION_INDEX)
			mdev_sim_write_config(sim, chunk, n, offset + done);
		else
			ret = mdev_sim_write_bar(sim, chunk, n, offset + done);
		mutex_unlock(&sim->lock);
		if (ret)
			break;
	}

	kfree(chunk);
	*ppos += done;
	return done ?: ret;
}

/**
 * mdev_sim_get_region_info - implement &vfio_device_ops.get_region_info_caps
 * @vdev: the device
 * @info: index of the region, and the rest to fill
 * @caps: not used
 *
 * Return: 0 or a negative errno.
 */
static int mdev_sim_get_region_info(struct vfio_device *vdev,
				    struct vfio_region_info *info,
				    struct vfio_info_cap *caps)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);

	if (info->index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;

	info->offset = (u64)info->index << MDEV_SIM_OFFSET_SHIFT;
	info->size = mdev_sim_region_size(sim, info->index);
	info->flags = 0;
	if (info->size)
		info->flags = VFIO_REGION_INFO_FLAG_READ |
			      VFIO_REGION_INFO_FLAG_WRITE;
	return 0;
}

static int mdev_sim_get_info(struct vfio_device_info __user *arg)
{
	size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

/* Each kind of PCI interrupt is valid, and the device has 0 of it */
static int mdev_sim_get_irq_info(struct vfio_irq_info __user *arg)
{
	size_t minsz = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz || info.index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;

	info.flags = 0;
	info.count = 0;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

/**
 * mdev_sim_ioctl - implement &vfio_device_ops.ioctl
 * @vdev: the device
 * @cmd: number of the ioctl
 * @arg: its argument
 *
 * Return: 0 or a negative errno.
 */
static long mdev_sim_ioctl(struct vfio_device *vdev, unsigned int cmd,
			   unsigned long arg)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return mdev_sim_get_info(uarg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return mdev_sim_get_irq_info(uarg);
	case VFIO_DEVICE_RESET:
		mdev_sim_reset(sim);
		return 0;
	default:
		return -ENOTTY;
	}
}

/**
 * mdev_sim_close - implement &vfio_device_ops.close_device
 * @vdev: the device
 *
 * The next user must not find data of this one.
 */
static void mdev_sim_close(struct vfio_device *vdev)
{
	mdev_sim_reset(to_mdev_sim_device(vdev));
}

/**
 * mdev_sim_init_dev - implement &vfio_device_ops.init
 * @vdev: the new device
 *
 * Return: 0 or a negative errno.
 */
static int mdev_sim_init_dev(struct vfio_device *vdev)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);
	struct mdev_type *mtype = to_mdev_device(vdev->dev)->type;
	struct mdev_sim_type *type = to_mdev_sim_type(mtype);

	sim->mtype = mtype;
	sim->type = type;
	sim->state_size = READ_ONCE(type->state_size);
	sim->bar_size = roundup_pow_of_two(MDEV_SIM_BUFFER + sim->state_size);
	sim->buffer = kvzalloc(sim->state_size, GFP_KERNEL_ACCOUNT);
	if (!sim->buffer)
		return -ENOMEM;

	/* The caller has a reference to the module, because the parent is registered */
	__module_get(THIS_MODULE);
	config_item_get(&type->item);
	mutex_init(&sim->lock);
	mdev_sim_init_config_mask(sim);
	mdev_sim_reset(sim);

	if (!mtype->no_migration_version) {
		vdev->migration_flags = VFIO_MIGRATION_STOP_COPY |
					VFIO_MIGRATION_P2P;
		if (READ_ONCE(type->pre_copy))
			vdev->migration_flags |= VFIO_MIGRATION_PRE_COPY;
		vdev->mig_ops = &mdev_sim_mig_ops;
	}

	return 0;
}

/**
 * mdev_sim_release_dev - implement &vfio_device_ops.release
 * @vdev: the device
 *
 * The device may have been removed before, because the file of a stream has a reference.
 */
static void mdev_sim_release_dev(struct vfio_device *vdev)
{
	struct mdev_sim_device *sim = to_mdev_sim_device(vdev);

	mutex_destroy(&sim->lock);
	kvfree(sim->buffer);
	config_item_put(&sim->type->item);
	/* mdev_sim_exit() waits until this function has returned */
	module_put(THIS_MODULE);
}

static const struct vfio_device_ops mdev_sim_dev_ops = {
	.name = "mdev-sim",
	.init = mdev_sim_init_dev,
	.release = mdev_sim_release_dev,
	.close_device = mdev_sim_close,
	.read = mdev_sim_read,
	.write = mdev_sim_write,
	.ioctl = mdev_sim_ioctl,
	.get_region_info_caps = mdev_sim_get_region_info,
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
};

static int mdev_sim_get_instance(struct mdev_sim_type *type)
{
	int ret = 0;

	mutex_lock(&type->lock);
	if (type->used < type->instances)
		type->used++;
	else
		ret = -ENOSPC;
	mutex_unlock(&type->lock);

	return ret;
}

static void mdev_sim_put_instance(struct mdev_sim_type *type)
{
	mutex_lock(&type->lock);
	type->used--;
	mutex_unlock(&type->lock);
}

/**
 * mdev_sim_create - make the VFIO device of a new mediated device
 * @mdev: the mediated device
 *
 * Return: 0, -ENOSPC if the type has as many devices as it may, or another
 * negative errno.
 */
int mdev_sim_create(struct mdev_device *mdev)
{
	struct mdev_sim_type *type = to_mdev_sim_type(mdev->type);
	struct mdev_sim_device *sim;
	int ret;

	ret = mdev_sim_get_instance(type);
	if (ret)
		return ret;

	sim = vfio_alloc_device(mdev_sim_device, vdev, &mdev->dev,
				&mdev_sim_dev_ops);
	if (IS_ERR(sim)) {
		ret = PTR_ERR(sim);
		goto err_instance;
	}

	ret = vfio_register_emulated_iommu_dev(&sim->vdev);
	if (ret)
		goto err_put;

	dev_set_drvdata(&mdev->dev, sim);
	return 0;

err_put:
	vfio_put_device(&sim->vdev);
err_instance:
	mdev_sim_put_instance(type);
	return ret;
}

/**
 * mdev_sim_remove - implement &mdev_driver.remove
 * @mdev: device that is removed
 *
 * The call waits until nobody has the device open.
 */
void mdev_sim_remove(struct mdev_device *mdev)
{
	struct mdev_sim_device *sim = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&sim->vdev);
	/* The file of a migration can keep the device: free the data now */
	kvfree(sim->buffer);
	sim->buffer = NULL;
	vfio_put_device(&sim->vdev);
	mdev_sim_put_instance(to_mdev_sim_type(mdev->type));
}

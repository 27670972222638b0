/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mdev

#if !defined(_TRACE_MDEV_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_MDEV_H

#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/minmax.h>
#include <linux/tracepoint.h>

/* An event must fit into a page with its header, even if a longer string was written */
#define MDEV_TRACE_VERSION_MAX	1024

void mdev_trace_copy(char *to, const char *from, size_t len);

/*
 * A type was asked whether it takes the device state of a source of this version.
 * The result is 0 for a yes and an errno for a no.  -EINTR, -EIO, -EAGAIN, -ENOMEM
 * and -ENODEV are not verdicts: the question was not answered.  An interrupted
 * check has -EINTR, so that the result is never a restart code.  A version that
 * the core refused is shown as it was written, with '?' for each byte that a
 * version string cannot have.  A long version is cut.
 */
TRACE_EVENT(mdev_migration_check,
	    TP_PROTO(const struct mdev_type *mtype, const char *version,
		     size_t len, int result),
	    TP_ARGS(mtype, version, len, result),
	    TP_STRUCT__entry(__string(parent, dev_name(mtype->parent->dev))
			     __string(type, kobject_name(&mtype->kobj))
			     __dynamic_array(char, version,
					     min_t(size_t, len, MDEV_TRACE_VERSION_MAX) + 1)
			     __field(int, result)
	    ),
	    TP_fast_assign(__assign_str(parent);
			   __assign_str(type);
			   mdev_trace_copy(__get_str(version), version,
					   __get_dynamic_array_len(version) - 1);
			   __entry->result = result;
	    ),
	    TP_printk("parent=%s type=%s version=\"%s\" result=%d",
		      __get_str(parent), __get_str(type), __get_str(version),
		      __entry->result)
);

#endif /* _TRACE_MDEV_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

#include <trace/define_trace.h>

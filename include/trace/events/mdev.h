/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mdev

#if !defined(_TRACE_MDEV_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_MDEV_H

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#ifndef MDEV_TRACE_VERSION_MAX
/* An event must fit into a page with its header, whatever was written */
#define MDEV_TRACE_VERSION_MAX	1024

/* Copy @len bytes and end them, with '?' for what would break the line */
static inline void mdev_trace_copy(char *to, const char *from, size_t len)
{
	for (; len; len--, from++)
		*to++ = isascii(*from) && isprint(*from) ? *from : '?';
	*to = '\0';
}
#endif

/*
 * One question to a target: is the device state of a source of this version
 * accepted (result 0) or not (an errno)?  -EINTR, -EIO, -EAGAIN, -ENOMEM and
 * -ENODEV are not verdicts: the question was not answered.  The result is never
 * a restart code, because an interrupted check has -EINTR.  Bytes that a version
 * string cannot have are shown as '?', and of a long string only the beginning
 * is kept; len is the length of the whole.
 */
TRACE_EVENT(mdev_migration_check,
	    TP_PROTO(const struct mdev_type *mtype, const char *version,
		     size_t len, int result),
	    TP_ARGS(mtype, version, len, result),
	    TP_STRUCT__entry(__dynamic_array(char, parent,
					     strlen(dev_name(mtype->parent->dev)) + 1)
			     __dynamic_array(char, type,
					     strlen(kobject_name(&mtype->kobj)) + 1)
			     __dynamic_array(char, version,
					     min_t(size_t, len, MDEV_TRACE_VERSION_MAX) + 1)
			     __field(size_t, len)
			     __field(int, result)
	    ),
	    TP_fast_assign(strscpy(__get_str(parent), dev_name(mtype->parent->dev),
				   __get_dynamic_array_len(parent));
			   strscpy(__get_str(type), kobject_name(&mtype->kobj),
				   __get_dynamic_array_len(type));
			   mdev_trace_copy(__get_str(version), version,
					   __get_dynamic_array_len(version) - 1);
			   __entry->len = len;
			   __entry->result = result;
	    ),
	    TP_printk("parent=%s type=%s version=\"%s\" len=%zu result=%d",
		      __get_str(parent), __get_str(type), __get_str(version),
		      __entry->len, __entry->result)
);

#endif /* _TRACE_MDEV_H */

#include <trace/define_trace.h>

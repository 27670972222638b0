// SPDX-License-Identifier: GPL-2.0-only
/* Jobs of libvirt for which a change of a domain's metadata would wait */

#include <stddef.h>
#include <libvirt/virterror.h>

#include "busy.h"

bool is_stuck(void)
{
	int code = virGetLastErrorCode();

	return code == VIR_ERR_OPERATION_TIMEOUT || code == VIR_ERR_RESOURCE_BUSY;
}

/*
 * job_busy - does a job of libvirt keep the domain's metadata from changing?
 * A backup, which can take hours, does not.
 */
static enum busy job_busy(virDomainPtr domain)
{
	int type, num = 0, operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
	virTypedParameterPtr parameters = NULL;

	if (virDomainGetJobStats(domain, &type, &parameters, &num, 0))
		return is_stuck() ? BUSY_STUCK : BUSY_NOT;
	virTypedParamsGetInt(parameters, num, VIR_DOMAIN_JOB_OPERATION, &operation);
	virTypedParamsFree(parameters, num);
	return type != VIR_DOMAIN_JOB_NONE && operation != VIR_DOMAIN_JOB_OPERATION_BACKUP ?
	       BUSY_JOB : BUSY_NOT;
}

/*
 * libvirtd logs an error if it is asked about the job of a domain that is not active, or that
 * comes from another host.  A domain on its way has a state of its own.  When it has arrived,
 * the job goes on for a moment, for which the change may wait.
 */
enum busy domain_busy(virDomainPtr domain, bool arrived)
{
	int state, reason;

	if (virDomainGetState(domain, &state, &reason, 0))
		return BUSY_NOT;
	switch (state) {
	case VIR_DOMAIN_NOSTATE:
	case VIR_DOMAIN_SHUTOFF:
		return BUSY_NOT;
	case VIR_DOMAIN_RUNNING:
		if (reason == VIR_DOMAIN_RUNNING_POSTCOPY ||
		    reason == VIR_DOMAIN_RUNNING_POSTCOPY_FAILED)
			return BUSY_JOB;
		break;
	case VIR_DOMAIN_PAUSED:
		if (reason == VIR_DOMAIN_PAUSED_MIGRATION ||
		    reason == VIR_DOMAIN_PAUSED_POSTCOPY ||
		    reason == VIR_DOMAIN_PAUSED_POSTCOPY_FAILED)
			return BUSY_JOB;
		break;
	default:
		break;
	}
	return arrived ? BUSY_NOT : job_busy(domain);
}

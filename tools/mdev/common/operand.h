/* SPDX-License-Identifier: GPL-2.0-only */
/* SOURCE and TARGET of the command line, and the name that is near to a mistake */
#ifndef OPERAND_H
#define OPERAND_H

#include "answers.h"
#include "spelling.h"

/**
 * enum target_kind - the meaning of a target operand
 * @TARGET_SOURCE_TYPE: each parent that has the source's type
 * @TARGET_TYPE: each parent that has the type
 * @TARGET_PARENT: the source's type of the parent
 * @TARGET_PLACE: the type of the parent
 * @TARGET_NO_DEVICE: a device that this host does not have
 * @TARGET_NO_HOST: the host cannot be asked about any operand
 */
enum target_kind {
	TARGET_SOURCE_TYPE,
	TARGET_TYPE,
	TARGET_PARENT,
	TARGET_PLACE,
	TARGET_NO_DEVICE,
	TARGET_NO_HOST,
};

/**
 * struct target - a target operand
 * @kind: meaning of the operand
 * @place: parent and type, as far as @kind has them
 * @error: positive errno of TARGET_NO_DEVICE
 * @state: state of the host for TARGET_NO_HOST
 */
struct target {
	enum target_kind kind;
	struct mdev_precheck_place place;
	int error;
	enum mdev_precheck_host_state state;
};

/**
 * resolve_target - find the meaning of a target operand
 * @settings: the command line
 * @host: this host
 * @text: operand in any spelling, see spelling.h; NULL for TARGET_SOURCE_TYPE
 * @sources: sources of the questions; the type of one of them is never a mistake
 * @target: result
 *
 * If this host has the name literally, the operand is not another spelling.
 *
 * Return: DONE; MISUSED after a message with the nearest name that this host has; FAILED
 * after a message.
 */
enum outcome resolve_target(const struct settings *settings, struct mdev_precheck *host,
			    const char *text, const struct sources *sources,
			    struct target *target);

/* resolve_source - find the type that a UUID or PARENT/TYPE of this host means */
enum outcome resolve_source(const struct settings *settings, struct mdev_precheck *host,
			    const char *text, struct mdev_precheck_place *place);

/* check_pci_domain - print a message if a PCI address without a domain can mean two parents */
enum outcome check_pci_domain(struct mdev_precheck *host, const char *typed,
			      const struct spelling *spelling);
/* check_parent - print a message if libvirt's name of a device has another parent */
enum outcome check_parent(const char *typed, const struct spelling *spelling,
			  const struct mdev_precheck_place *place);

/* is_target_form - can @text be a target of some host? */
bool is_target_form(const struct settings *settings, const char *text);

/**
 * spell_target - spell a target operand for another host, which can have an older version
 * @settings: the command line
 * @target: operand, or NULL; result, its canonical form
 * @canonical: buffer for the canonical form
 *
 * Return: DONE; MISUSED after a message if another host would take the canonical form for
 * something else.
 */
enum outcome spell_target(const struct settings *settings, const char **target,
			  char canonical[OPERAND_MAX]);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* SOURCE and TARGET of the command line, and what a mistake in one is near to */
#ifndef OPERAND_H
#define OPERAND_H

#include "answers.h"
#include "spelling.h"

/**
 * enum target_kind - what a target operand means
 * @TARGET_SOURCE_TYPE: each parent that has the source's type
 * @TARGET_TYPE: each parent that has the type
 * @TARGET_PARENT: the source's type of the parent
 * @TARGET_PLACE: the type of the parent
 * @TARGET_NO_DEVICE: a device that this host does not have
 * @TARGET_NO_HOST: whatever it is, the host could not be asked
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
 * @kind: what it means
 * @place: parent and type, as far as @kind has them
 * @error: positive errno of TARGET_NO_DEVICE
 * @state: why it is TARGET_NO_HOST
 */
struct target {
	enum target_kind kind;
	struct mdev_precheck_place place;
	int error;
	enum mdev_precheck_host_state state;
};

/**
 * resolve_target - find out what a target operand means
 * @settings: the command line
 * @host: this host
 * @text: as it was written, in any spelling: see spelling.h; NULL for TARGET_SOURCE_TYPE
 * @sources: an operand that is the type of one of them is not a mistake
 * @target: result
 *
 * A name that this host has as it was written is never another spelling.
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

/* check_pci_domain - mistaken, if a PCI address without a domain can mean two parents */
enum outcome check_pci_domain(struct mdev_precheck *host, const char *typed,
			      const struct spelling *spelling);
/* check_parent - is a device that was found of the parent that its name has? */
enum outcome check_parent(const char *typed, const struct spelling *spelling,
			  const struct mdev_precheck_place *place);

/* is_target_form - can @text be a target of any host? */
bool is_target_form(const struct settings *settings, const char *text);

/**
 * spell_target - a target operand for another host, which can have an older version
 * @settings: the command line
 * @target: operand, or NULL; result, its canonical form
 * @canonical: buffer for that
 *
 * Return: DONE; MISUSED after a message if another host would take the canonical form for
 * something else.
 */
enum outcome spell_target(const struct settings *settings, const char **target,
			  char canonical[OPERAND_MAX]);

#endif

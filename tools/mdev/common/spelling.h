/* SPDX-License-Identifier: GPL-2.0-only */
/* Other spellings of parents, types and devices, and mistakes in typing */
#ifndef SPELLING_H
#define SPELLING_H

#include "options.h"

/* The longest operand: two names and a slash, and a NUL */
#define OPERAND_MAX	(2 * MDEV_PRECHECK_NAME_SIZE)

/**
 * enum spelling_kind - the meaning of a word
 * @SPELLING_NONE: the word is not another spelling
 * @SPELLING_PARENT: a parent
 * @SPELLING_PLACE: a type of a parent
 * @SPELLING_DEVICE: a device
 */
enum spelling_kind {
	SPELLING_NONE,
	SPELLING_PARENT,
	SPELLING_PLACE,
	SPELLING_DEVICE,
};

/**
 * struct spelling - a word that libvirt, lspci or sysfs has for a parent, a type or a device
 * @kind: meaning of the word
 * @text: its canonical form: PARENT, PARENT/TYPE, or a UUID in lower case
 * @of_parent: parent in libvirt's name of a device, with "_" for each character but letters
 *	and digits; or ""
 * @any_domain: the word is lspci's name without the domain; @text has the domain 0000
 */
struct spelling {
	enum spelling_kind kind;
	char text[OPERAND_MAX];
	char of_parent[MDEV_PRECHECK_NAME_SIZE];
	bool any_domain;
};

/**
 * parse_spelling - find the meaning of a word, without a look at the host
 * @settings: the command line: a path can be below --sysfs or --fixture, or below /sys
 * @text: word of a user
 * @spelling: result
 *
 * The function finds libvirt's pci_0000_3b_00_4, css_0_0_0026, ap_matrix and mdev_UUID, with or
 * without the name of the parent after it; lspci's 3b:00.4 and 0000:3b:00.4 and the number of a
 * subchannel, in upper or lower case; each of these as the parent of PARENT/TYPE; and paths of
 * parents, types, their attributes and devices in sysfs.
 *
 * Return: @kind of @spelling; SPELLING_NONE also for a name in its canonical form.
 */
enum spelling_kind parse_spelling(const struct settings *settings, const char *text,
				  struct spelling *spelling);

/* is_of_parent - does @parent fit libvirt's name of a device?  True for other spellings. */
bool is_of_parent(const struct spelling *spelling, const char *parent);

/**
 * struct nearest - the name to which a mistake is near
 * @text: word with the mistake
 * @name: nearest name so far, or ""
 * @distance: number of differences between @text and @name
 */
struct nearest {
	const char *text;
	char name[OPERAND_MAX];
	size_t distance;
};

/* compare_nearest - keep @name if it is nearer, and shorter than OPERAND_MAX */
void compare_nearest(struct nearest *nearest, const char *name);
/* is_near - do at most a quarter of the characters, or one, differ?  Other names would mislead. */
bool is_near(const struct nearest *nearest);

#endif

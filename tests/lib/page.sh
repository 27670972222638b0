# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# The page for vendor driver authors, for the tests of what it has.  Read after tap.sh.

# shellcheck disable=SC2154 # top is of tap.sh
page=$top/Documentation/driver-api/vfio-mdev-migration-version.rst

# page_code TEXT - print the blocks of C that have the text, without their indentation
page_code()
{
	awk -v text="$1" '
		function end_block()
		{
			if (index(block, text))
				printf "%s", block
			block = empty = ""
			inside = 0
		}
		inside && /^[^ \t]/	{ end_block() }
		/^\.\. code-block:: c$/	{ inside = 1; next }
		inside && /^$/		{ empty = block == "" ? "" : empty "\n" }
		inside && /./ {
			if (block == "") {
				match($0, /^[ \t]+/)
				indentation = RLENGTH
			}
			block = block empty substr($0, indentation + 1) "\n"
			empty = ""
		}
		END	{ end_block() }' "$page"
}

# page_mistakes - print the first line of each common mistake
page_mistakes()
{
	awk '/^Common mistakes$/ { inside = 1 } inside && sub(/^\* /, "")' "$page"
}

# page_one_source - the page's pattern for kernels with and without the attribute, as a driver, acme
page_one_source()
{
	cat <<-'END'
	// SPDX-License-Identifier: GPL-2.0-only
	#include <linux/mdev.h>
	#include <linux/module.h>
	#include <linux/string.h>
	#include <linux/sysfs.h>
	#include <linux/vfio.h>

	#define ACME_VERSION "acme:1"

	static int __maybe_unused acme_judge(const char *version, const char **reason)
	{
		*reason = "expected " ACME_VERSION;
		return strcmp(version, ACME_VERSION) ? -EINVAL : 0;
	}

	END
	page_code '#pragma message' |
		sed 's|/\* \.\.\. \*/|.driver = { .name = "acme", .owner = THIS_MODULE },|'
	cat <<-'END'

	static int __init acme_init(void)
	{
		return mdev_register_driver(&acme_driver);
	}
	module_init(acme_init);

	static void __exit acme_exit(void)
	{
		mdev_unregister_driver(&acme_driver);
	}
	module_exit(acme_exit);

	MODULE_DESCRIPTION("One source for kernels with and without migration_version");
	MODULE_LICENSE("GPL");
	END
}

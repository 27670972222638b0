# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Tests that compile the code of the page for vendor driver authors read this after tap.sh

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

# page_one_source - print a driver, acme, from the page's pattern for kernels with and without
# the attribute
page_one_source()
{
	cat <<-'END'
	// SPDX-License-Identifier: GPL-2.0-only
	#include <linux/device.h>
	#include <linux/err.h>
	#include <linux/module.h>
	#include <linux/string.h>
	#include <linux/sysfs.h>
	#include <linux/vfio.h>

	END
	page_code '#pragma message' |
		sed 's|/\* \.\.\. \*/|.driver = { .name = "acme", .owner = THIS_MODULE },|'
	cat <<-'END'

	static struct mdev_type *acme_types[] = { &acme_fixed };
	static struct mdev_parent acme_parent;
	static struct device *acme_device;

	static int __init acme_init(void)
	{
		int ret;

		acme_device = root_device_register("acme");
		if (IS_ERR(acme_device))
			return PTR_ERR(acme_device);

		ret = mdev_register_driver(&acme_driver);
		if (ret)
			goto unregister_device;

		ret = mdev_register_parent(&acme_parent, acme_device, &acme_driver,
					   acme_types, ARRAY_SIZE(acme_types));
		if (ret)
			goto unregister_driver;
		return 0;

	unregister_driver:
		mdev_unregister_driver(&acme_driver);
	unregister_device:
		root_device_unregister(acme_device);
		return ret;
	}
	module_init(acme_init);

	static void __exit acme_exit(void)
	{
		mdev_unregister_parent(&acme_parent);
		mdev_unregister_driver(&acme_driver);
		root_device_unregister(acme_device);
	}
	module_exit(acme_exit);

	MODULE_DESCRIPTION("One source for kernels with and without migration_version");
	MODULE_LICENSE("GPL");
	END
}

# page_example_with_tests - print the page's example with its KUnit tests, which are in a block
# behind it and do not compile alone
page_example_with_tests()
{
	page_code 'module_init(example_init)'
	echo
	page_code 'kunit_test_suite('
}

# page_example_one_source - print the page's example with its KUnit tests, changed by the page's
# pattern for kernels with and without the attribute
page_example_one_source()
{
	page_example_with_tests |
		sed -e 's/^static int example_judge/static int __maybe_unused example_judge/' \
			-e '/^static ssize_t example_show/i #ifdef MDEV_MIGRATION_VERSION_MAX' \
			-e '/^\/\* max_instances is 0/i #endif' \
			-e '/^\t\.show_migration_version/i #ifdef MDEV_MIGRATION_VERSION_MAX' \
			-e '/^\t\.check_migration_version/a #endif' \
			-e '/^\t\.no_migration_version/i #ifdef MDEV_MIGRATION_VERSION_MAX' \
			-e '/^\t\.no_migration_version/a #endif'
}

# build_one_source - compile the changed example without a warning with the patched mdev.h, and
# with the kernel's
build_one_source()
{
	page_example_one_source > "$work/example_one_source.c"
	"$top/scripts/driver" --werror --to "$work/one-patched" "$work/example_one_source.c" &&
	"$top/scripts/driver" --werror --mdev stock --to "$work/one-stock" \
		"$work/example_one_source.c"
}

# guide_kbuild - print the lines of the guide for vendor drivers that find the patched mdev.h
# in a build of one's own.  Another block of make in the guide names modules.
guide_kbuild()
{
	awk '/^```/ { block = $0 == "```make"; next } block && /^# Where/, /^endif$/' \
		"$top/tools/mdev/doc/vendor-drivers.md"
}

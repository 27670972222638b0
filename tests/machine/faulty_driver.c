// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vendor driver whose callbacks are right or wrong as a test sets its module
 * parameters
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/string.h>

static char *callbacks = "both";
module_param(callbacks, charp, 0444);
MODULE_PARM_DESC(callbacks, "callbacks that are registered: both, show, check or none");

static uint show_length = 4;
module_param(show_length, uint, 0644);
MODULE_PARM_DESC(show_length, "bytes that show writes, without the newline");

static uint show_byte = 'x';
module_param(show_byte, uint, 0644);
MODULE_PARM_DESC(show_byte, "last of these bytes; the others are x");

static bool show_newline = true;
module_param(show_newline, bool, 0644);
MODULE_PARM_DESC(show_newline, "show ends the string with a newline");

static int show_result;
module_param(show_result, int, 0644);
MODULE_PARM_DESC(show_result, "return value of show in place of the length, if not 0");

static int check_result;
module_param(check_result, int, 0644);
MODULE_PARM_DESC(check_result, "return value of check");

static uint checks;
module_param(checks, uint, 0444);
MODULE_PARM_DESC(checks, "number of calls of check");

static uint checked_length;
module_param(checked_length, uint, 0444);
MODULE_PARM_DESC(checked_length, "length of the string of the last call");

static ssize_t faulty_show(struct mdev_type *mtype, char *buf)
{
	size_t len = min_t(size_t, show_length, PAGE_SIZE - 1);

	memset(buf, 'x', len);
	if (len)
		buf[len - 1] = show_byte;
	if (show_newline && len < PAGE_SIZE)
		buf[len++] = '\n';

	return show_result ?: len;
}

static int faulty_check(struct mdev_type *mtype, const char *version)
{
	checks++;
	checked_length = strlen(version);
	return check_result;
}

static struct mdev_driver faulty_driver = {
	.device_api = "none",
	.driver = {
		.name = "faulty_driver",
		.owner = THIS_MODULE,
	},
};

static struct mdev_type faulty_asked = { .sysfs_name = "asked" };
static struct mdev_type faulty_opted_out = {
	.sysfs_name = "opted_out",
	.no_migration_version = true,
};

static struct mdev_type *faulty_types[] = { &faulty_asked, &faulty_opted_out };
static struct mdev_parent faulty_parent;
static struct device *faulty_device;

static int __init faulty_init(void)
{
	int ret;

	if (!strcmp(callbacks, "both") || !strcmp(callbacks, "show"))
		faulty_driver.show_migration_version = faulty_show;
	if (!strcmp(callbacks, "both") || !strcmp(callbacks, "check"))
		faulty_driver.check_migration_version = faulty_check;

	ret = mdev_register_driver(&faulty_driver);
	if (ret)
		return ret;

	faulty_device = root_device_register("faulty");
	if (IS_ERR(faulty_device)) {
		ret = PTR_ERR(faulty_device);
		goto err_driver;
	}

	ret = mdev_register_parent(&faulty_parent, faulty_device,
				   &faulty_driver, faulty_types,
				   ARRAY_SIZE(faulty_types));
	if (ret)
		goto err_device;

	return 0;

err_device:
	root_device_unregister(faulty_device);
err_driver:
	mdev_unregister_driver(&faulty_driver);
	return ret;
}
module_init(faulty_init);

static void __exit faulty_exit(void)
{
	mdev_unregister_parent(&faulty_parent);
	root_device_unregister(faulty_device);
	mdev_unregister_driver(&faulty_driver);
}
module_exit(faulty_exit);

MODULE_DESCRIPTION("Vendor driver that is right or wrong as a test sets it");
MODULE_LICENSE("GPL");

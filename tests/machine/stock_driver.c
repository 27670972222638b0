// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vendor driver that is built with the kernel's own mdev.h.  The bytes behind its structs
 * are at the place of members that a core with longer structs would call or write: "intact"
 * is Y while each byte is unchanged.  "parent_first" registers the parent before the driver,
 * as kvmgt does.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/string.h>

#ifdef MDEV_MIGRATION_VERSION_MAX
#error "this driver is about the mdev.h of the kernel"
#endif

#define TAIL_SIZE	512
/* As an address, this byte repeated cannot be called, and as a bool it is true */
#define TAIL_BYTE	0x5a

static bool parent_first;
module_param(parent_first, bool, 0444);
MODULE_PARM_DESC(parent_first, "register the parent before the driver");

static int stock_probe(struct mdev_device *mdev)
{
	return 0;
}

static void stock_remove(struct mdev_device *mdev)
{
}

static unsigned int stock_get_available(struct mdev_type *mtype)
{
	return 4;
}

static ssize_t stock_show_description(struct mdev_type *mtype, char *buf)
{
	return sysfs_emit(buf, "built with the mdev.h of the kernel\n");
}

static struct {
	struct mdev_driver driver;
	u8 driver_tail[TAIL_SIZE];
	struct mdev_type type;
	u8 type_tail[TAIL_SIZE];
	struct mdev_parent parent;
	u8 parent_tail[TAIL_SIZE];
} stock = {
	.driver = {
		.device_api = "none",
		.driver = {
			.name = "stock_driver",
			.owner = THIS_MODULE,
		},
		.probe = stock_probe,
		.remove = stock_remove,
		.get_available = stock_get_available,
		.show_description = stock_show_description,
	},
	.type = { .sysfs_name = "type" },
};

static struct mdev_type *stock_types[] = { &stock.type };
static struct device *stock_device;

static bool tail_intact(const u8 *tail)
{
	return !memchr_inv(tail, TAIL_BYTE, TAIL_SIZE);
}

static int intact_get(char *buf, const struct kernel_param *param)
{
	bool intact = tail_intact(stock.driver_tail) &&
		      tail_intact(stock.type_tail) &&
		      tail_intact(stock.parent_tail);

	return sysfs_emit(buf, "%c\n", intact ? 'Y' : 'N');
}

static const struct kernel_param_ops intact_ops = { .get = intact_get };
module_param_cb(intact, &intact_ops, NULL, 0444);
MODULE_PARM_DESC(intact, "each byte behind a struct is unchanged");

static int stock_register(bool parent)
{
	if (!parent)
		return mdev_register_driver(&stock.driver);

	return mdev_register_parent(&stock.parent, stock_device, &stock.driver,
				    stock_types, ARRAY_SIZE(stock_types));
}

static void stock_unregister(bool parent)
{
	if (parent)
		mdev_unregister_parent(&stock.parent);
	else
		mdev_unregister_driver(&stock.driver);
}

static int __init stock_init(void)
{
	int ret;

	memset(stock.driver_tail, TAIL_BYTE, TAIL_SIZE);
	memset(stock.type_tail, TAIL_BYTE, TAIL_SIZE);
	memset(stock.parent_tail, TAIL_BYTE, TAIL_SIZE);

	stock_device = root_device_register("stock");
	if (IS_ERR(stock_device))
		return PTR_ERR(stock_device);

	ret = stock_register(parent_first);
	if (ret)
		goto err_device;

	ret = stock_register(!parent_first);
	if (ret)
		goto err_first;

	return 0;

err_first:
	stock_unregister(parent_first);
err_device:
	root_device_unregister(stock_device);
	return ret;
}

static void __exit stock_exit(void)
{
	stock_unregister(true);
	stock_unregister(false);
	root_device_unregister(stock_device);
}

module_init(stock_init)
module_exit(stock_exit)

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Vendor driver that is built with the mdev.h of the kernel");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What runs in the migrated guest: no system, but a program that QEMU starts as a
 * multiboot kernel.  It fills its memory, so that there is something to send, puts a
 * value into each mediated device, and then tells with each line on the serial port that
 * it still runs and what it reads there:
 *
 *	tick 17: scratch a7 a8
 *
 * The first value is "scratch=a7" of the command line, the next device has the next one.
 * A mtty has it in the scratch register of its first port.  The registers and the buffer
 * of a simulated device, and the framebuffer of a mdpy, have what is computed from it; if
 * they have anything else, the line has "xx" in place of the value.  A guest that starts
 * says so, to tell if it was reset, and if it stops, why: "fault" and the words on its stack.
 */

#define MULTIBOOT_MAGIC		0x1badb002
/* Pages aligned, size of the memory wanted */
#define MULTIBOOT_FLAGS		0x3
#define PAGE			4096u
/* This program is below, QEMU's BIOS has its tables above */
#define MEMORY_BEGIN		0x200000u
#define MEMORY_RESERVED		0x200000u

/* The first serial port of a PC */
#define COM1			0x3f8
#define UART_LSR		5
#define UART_LSR_THRE		0x20
#define UART_SCR		7

/* Configuration space by I/O ports */
#define PCI_ADDRESS		0xcf8
#define PCI_DATA		0xcfc
#define PCI_ENABLE		0x80000000u
#define PCI_SLOTS		32u
#define PCI_COMMAND		0x04
#define PCI_COMMAND_IO		0x1
#define PCI_COMMAND_MEMORY	0x2
#define PCI_CLASS		0x08
#define PCI_CLASS_DISPLAY	0x03
#define PCI_BAR0		0x10
#define PCI_BAR_IO_MASK		0xfffcu
#define PCI_BAR_MEMORY_MASK	0xfffffff0u

/* Vendor of mtty, and of mdpy as well as of devices that are no display */
#define MTTY_VENDOR		0x4348u
#define MDPY_VENDOR		0x1b36u
/* Device and vendor of a simulated device, as the register has them */
#define SIM_ID			0x6d731234u
#define DEVICES_MAX		24

/* What a simulated device keeps: registers, and a buffer as long as it was made */
#define SIM_REGS_SIZE		0x40u
#define SIM_BUFFER		0x1000u

/* Of the configuration space of a mdpy */
#define MDPY_WIDTH		0x48
#define MDPY_HEIGHT		0x4c
/*
 * How many pixels are looked at with each tick.  A guest that idles most of the time is
 * the safer one to migrate: emulated, a page that is written to in the moment in which
 * QEMU looks for such pages can arrive as it was before.
 */
#define MDPY_SAMPLES		1000u

/* Hotplug of QEMU's PC: an unplugged device stays until the guest lets go of it */
#define HOTPLUG_DOWN		0xae04
#define HOTPLUG_EJECT		0xae08
#define HOTPLUG_BUS		0xae10

/* Interrupt controller: the timer's interrupt is to be the vector that is free */
#define PIC_COMMAND		0x20
#define PIC_DATA		0x21
#define TIMER_VECTOR		0x20
/* What the controller says when an interrupt has gone before it could be taken */
#define SPURIOUS_VECTOR		0x27
#define VECTORS			0x28
#define FAULT_WORDS		4
#define TIMER_ONLY		0xfe

struct multiboot_info {
	unsigned int flags;
	unsigned int lower;
	/* in KiB, from 1 MiB on */
	unsigned int upper;
	unsigned int boot_device;
	const char *command_line;
};

enum kind {
	MTTY,
	SIM,
	MDPY,
};

struct device {
	enum kind kind;
	/* Where BAR 0 is, in ports or in memory */
	unsigned int bar;
	/* Of a simulated device: how much of BAR 0 is there, and then, is used */
	unsigned int size;
	/* Of a mdpy, in pixels */
	unsigned int width;
	unsigned int height;
};

struct gate {
	unsigned short low;
	unsigned short selector;
	unsigned short type;
	unsigned short high;
} __attribute__((packed));

static const struct {
	unsigned int magic;
	unsigned int flags;
	unsigned int checksum;
} header __attribute__((used, section(".multiboot"))) = {
	MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
};

static struct gate gates[VECTORS];
/* For the assembler, which has no other use of them that the compiler could see */
unsigned char stack[PAGE] __attribute__((used));

__asm__(".globl _start\n"
	"_start:\n"
	"	movl	$stack + 4096, %esp\n"
	"	pushl	%ebx\n"
	"	call	run\n"
	/* Only end the wait of the loop */
	"timer:\n"
	"	pushl	%eax\n"
	/* The end of an interrupt, to PIC_COMMAND */
	"	movb	$0x20, %al\n"
	"	outb	%al, $0x20\n"
	"	popl	%eax\n"
	"spurious:\n"
	"	iret\n"
	"exception:\n"
	"	pushl	%esp\n"
	"	call	fault\n");

static void out8(unsigned short port, unsigned char value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static unsigned char in8(unsigned short port)
{
	unsigned char value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void out32(unsigned short port, unsigned int value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static unsigned int in32(unsigned short port)
{
	unsigned int value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void print(const char *text)
{
	for (; *text; text++) {
		while (!(in8(COM1 + UART_LSR) & UART_LSR_THRE))
			;
		out8(COM1, *text);
	}
}

/* print_number - without a leading zero, unless there have to be @digits */
static void print_number(unsigned int number, unsigned int base, int digits)
{
	char text[12];
	char *start = &text[sizeof(text) - 1];

	*start = '\0';
	do {
		*--start = "0123456789abcdef"[number % base];
		number /= base;
		digits--;
	} while (number || digits > 0);
	print(start);
}

static int digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	return -1;
}

static unsigned char wanted_scratch(const char *command_line)
{
	static const char name[] = "scratch=";
	unsigned char value = 0;
	int i;

	for (; *command_line; command_line++) {
		for (i = 0; name[i] && command_line[i] == name[i]; i++)
			;
		if (name[i])
			continue;
		for (; digit(command_line[i]) >= 0; i++)
			value = 16 * value + digit(command_line[i]);
		break;
	}
	return value;
}

/* No two pages are alike, and none is empty: each has to be sent */
static void fill_memory(unsigned int end)
{
	unsigned int address;

	for (address = MEMORY_BEGIN; address < end; address += PAGE)
		__asm__ volatile("movl %0, (%0)" : : "r"(address) : "memory");
}

static void select_register(unsigned int slot, unsigned int offset)
{
	out32(PCI_ADDRESS, PCI_ENABLE | slot << 11 | offset);
}

static unsigned int read_config(unsigned int slot, unsigned int offset)
{
	select_register(slot, offset);
	return in32(PCI_DATA);
}

static void write_config(unsigned int slot, unsigned int offset, unsigned int value)
{
	select_register(slot, offset);
	out32(PCI_DATA, value);
}

static unsigned int read_memory(unsigned int address)
{
	unsigned int value;

	__asm__ volatile("movl (%1), %0" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static void write_memory(unsigned int address, unsigned int value)
{
	__asm__ volatile("movl %0, (%1)" : : "r"(value), "r"(address) : "memory");
}

/* bar_size - what does not keep a one belongs to the size */
static unsigned int bar_size(unsigned int slot)
{
	unsigned int address = read_config(slot, PCI_BAR0), mask;

	write_config(slot, PCI_BAR0, 0xffffffff);
	mask = read_config(slot, PCI_BAR0) & PCI_BAR_MEMORY_MASK;
	write_config(slot, PCI_BAR0, address);
	return -mask;
}

/* find_devices - all there are; returns their number */
static int find_devices(struct device *devices)
{
	unsigned int slot, id, command;
	struct device *device = devices;

	for (slot = 0; slot < PCI_SLOTS && device < devices + DEVICES_MAX; slot++) {
		id = read_config(slot, 0);
		if ((id & 0xffff) == MTTY_VENDOR)
			device->kind = MTTY;
		else if (id == SIM_ID)
			device->kind = SIM;
		else if ((id & 0xffff) == MDPY_VENDOR &&
			 read_config(slot, PCI_CLASS) >> 24 == PCI_CLASS_DISPLAY)
			device->kind = MDPY;
		else
			continue;
		command = read_config(slot, PCI_COMMAND) & 0xffff;
		command |= device->kind == MTTY ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
		write_config(slot, PCI_COMMAND, command);
		device->bar = read_config(slot, PCI_BAR0) &
			      (device->kind == MTTY ? PCI_BAR_IO_MASK : PCI_BAR_MEMORY_MASK);
		if (device->kind == SIM)
			device->size = bar_size(slot);
		if (device->kind == MDPY) {
			device->width = read_config(slot, MDPY_WIDTH);
			device->height = read_config(slot, MDPY_HEIGHT);
		}
		device++;
	}
	return device - devices;
}

/* pattern - what a simulated device has at an offset; the first byte is the value */
static unsigned int pattern(unsigned char value, unsigned int offset)
{
	return (value * 0x01010101u) ^ (offset * 0x9e3779b1u);
}

/* next_offset - after a register the next one, then places ever further in the buffer */
static unsigned int next_offset(unsigned int offset)
{
	if (offset + 4 < SIM_REGS_SIZE)
		return offset + 4;
	if (offset < SIM_BUFFER)
		return SIM_BUFFER;
	if (offset == SIM_BUFFER)
		return SIM_BUFFER + 4;
	return SIM_BUFFER + 2 * (offset - SIM_BUFFER);
}

/* The buffer ends where nothing is kept, or with the BAR: the next one may follow */
static void fill_sim(struct device *device, unsigned char value)
{
	unsigned int offset = 0;

	do {
		write_memory(device->bar + offset, pattern(value, offset));
		if (read_memory(device->bar + offset) != pattern(value, offset))
			break;
		offset = next_offset(offset);
	} while (offset < device->size);
	device->size = offset;
}

/* pixel - of a test card: bars of all colours, below them shades with a disc of squares */
static unsigned int pixel(const struct device *device, unsigned char value,
			  unsigned int x, unsigned int y)
{
	static const unsigned int bars[] = {
		0xffffff, 0xffff00, 0x00ffff, 0x00ff00,
		0xff00ff, 0xff0000, 0x0000ff, 0x000000,
	};
	unsigned int radius = device->height / 3;
	int from_centre_x = x - device->width / 2;
	int from_centre_y = y - 5 * device->height / 8;

	if (!x && !y)
		return value;
	if (y < device->height / 4)
		return bars[8 * x / device->width];
	if (from_centre_x * from_centre_x + from_centre_y * from_centre_y <
	    (int)(radius * radius))
		return (x / 32 + y / 32) & 1 ? 0xf0f0f0 : value * 0x010101u;
	return (255 * x / device->width) << 16 | (255 * y / device->height) << 8 | value;
}

static void draw(const struct device *device, unsigned char value)
{
	unsigned int address = device->bar, x, y;

	for (y = 0; y < device->height; y++)
		for (x = 0; x < device->width; x++, address += 4)
			write_memory(address, pixel(device, value, x, y));
}

static void put_value(struct device *device, unsigned char value)
{
	switch (device->kind) {
	case MTTY:
		out8(device->bar + UART_SCR, value);
		break;
	case SIM:
		fill_sim(device, value);
		break;
	case MDPY:
		draw(device, value);
		break;
	}
}

/* get_value - as the device has it, or -1 if what it has makes no sense */
static int get_value(const struct device *device)
{
	unsigned int at, pixels, step;
	unsigned char value;

	if (device->kind == MTTY)
		return in8(device->bar + UART_SCR);

	value = read_memory(device->bar);
	if (device->kind == SIM) {
		for (at = 0; at < device->size; at = next_offset(at))
			if (read_memory(device->bar + at) != pattern(value, at))
				return -1;
	} else {
		pixels = device->width * device->height;
		/* Not all in one column */
		step = pixels / MDPY_SAMPLES | 1;
		for (at = 0; at < pixels; at += step)
			if (read_memory(device->bar + 4 * at) !=
			    pixel(device, value, at % device->width, at / device->width))
				return -1;
	}
	return value;
}

/* fault - an exception: without this, the processor would start again */
__attribute__((noreturn, used)) void fault(const unsigned int *words)
{
	int i;

	print("fault");
	for (i = 0; i < FAULT_WORDS; i++) {
		print(" ");
		print_number(words[i], 16, 8);
	}
	print("\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void set_gate(unsigned int vector, unsigned short selector, unsigned int handler)
{
	struct gate *gate = &gates[vector];

	gate->low = handler & 0xffff;
	gate->high = handler >> 16;
	gate->selector = selector;
	/* 32-bit interrupt gate that is present */
	gate->type = 0x8e00;
}

/* start_timer - about 18 interrupts a second, as the BIOS has set it up */
static void start_timer(void)
{
	struct {
		unsigned short size;
		const struct gate *gates;
	} __attribute__((packed)) table = { sizeof(gates) - 1, gates };
	unsigned int timer, spurious, exception, vector;
	unsigned short selector;

	__asm__("mov %%cs, %0" : "=r"(selector));
	__asm__("movl $timer, %0" : "=r"(timer));
	__asm__("movl $spurious, %0" : "=r"(spurious));
	__asm__("movl $exception, %0" : "=r"(exception));
	for (vector = 0; vector < VECTORS; vector++)
		set_gate(vector, selector, exception);
	set_gate(TIMER_VECTOR, selector, timer);
	set_gate(SPURIOUS_VECTOR, selector, spurious);
	__asm__ volatile("lidt %0" : : "m"(table));

	/* Initialise in four words: begin, vector, line of the second controller, 8086 */
	out8(PIC_COMMAND, 0x11);
	out8(PIC_DATA, TIMER_VECTOR);
	out8(PIC_DATA, 0x04);
	out8(PIC_DATA, 0x01);
	out8(PIC_DATA, TIMER_ONLY);
}

__attribute__((noreturn, used)) void run(const struct multiboot_info *info)
{
	unsigned char scratch = wanted_scratch(info->command_line);
	static struct device devices[DEVICES_MAX];
	unsigned int ticks;
	int num, i, value;

	print("start\n");
	fill_memory(0x100000u + 1024 * info->upper - MEMORY_RESERVED);
	num = find_devices(devices);
	for (i = 0; i < num; i++)
		put_value(&devices[i], scratch + i);
	start_timer();

	for (ticks = 0;; ticks++) {
		__asm__ volatile("sti; hlt");
		out32(HOTPLUG_BUS, 0);
		out32(HOTPLUG_EJECT, in32(HOTPLUG_DOWN));
		print("tick ");
		print_number(ticks, 10, 1);
		print(": scratch");
		for (i = 0; i < num; i++) {
			print(" ");
			value = get_value(&devices[i]);
			if (value < 0)
				print("xx");
			else
				print_number(value, 16, 2);
		}
		print("\n");
	}
}

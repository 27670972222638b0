// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program of a migrated guest, which QEMU starts as a multiboot kernel in place of a
 * system.  It fills its memory, so that QEMU has pages to send, and puts a value into each
 * mediated device.  Then each line on the serial port shows that the guest still runs, and
 * has the values that it reads in the devices:
 *
 *	tick 17: scratch a7 a8
 *
 * The first value is "scratch=a7" of the command line, and each next device has the next
 * value.  A mtty has it in the scratch register of its first port.  The registers and the
 * buffer of a simulated device, and the framebuffer of a mdpy, have a pattern that is computed
 * from it; if they have another pattern, the line has "xx" in place of the value.  A guest
 * prints "start" when it starts, so that a reset shows, and "fault" with the words on its
 * stack if it stops.
 */

#define MULTIBOOT_MAGIC		0x1badb002
/* Modules on page boundaries, and the size of the memory */
#define MULTIBOOT_FLAGS		0x3
#define PAGE			4096u
/* This program is below this address, and the tables of QEMU's BIOS are above it */
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

/* Vendor of mtty, and of mdpy; other devices of the latter vendor are not displays */
#define MTTY_VENDOR		0x4348u
#define MDPY_VENDOR		0x1b36u
/* Device and vendor of a simulated device, as its register has them */
#define SIM_ID			0x6d731234u
#define DEVICES_MAX		24

/* The registers of a simulated device; its buffer follows, with the size that a test sets */
#define SIM_REGS_SIZE		0x40u
#define SIM_BUFFER		0x1000u

/* Offsets in the configuration space of a mdpy */
#define MDPY_WIDTH		0x48
#define MDPY_HEIGHT		0x4c
/*
 * Number of pixels that each tick looks at.  A guest that is idle most of the time migrates
 * more safely: on an emulated host, a page that the guest writes to while QEMU looks for such
 * pages can arrive with its old content.
 */
#define MDPY_SAMPLES		1000u

/* Hotplug of QEMU's PC: an unplugged device stays until the guest lets go of it */
#define HOTPLUG_DOWN		0xae04
#define HOTPLUG_EJECT		0xae08
#define HOTPLUG_BUS		0xae10

/* Interrupt controller: the interrupt of the timer gets a vector that is free */
#define PIC_COMMAND		0x20
#define PIC_DATA		0x21
#define TIMER_VECTOR		0x20
/* Vector of an interrupt that has gone before the processor could take it */
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
	/* Address of BAR 0, in ports or in memory */
	unsigned int bar;
	/* Simulated device: size of BAR 0, and later of the part that keeps a value */
	unsigned int size;
	/* mdpy: size in pixels */
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
/* Only the assembler uses it, which the compiler does not see */
unsigned char stack[PAGE] __attribute__((used));

__asm__(".globl _start\n"
	"_start:\n"
	"	movl	$stack + 4096, %esp\n"
	"	pushl	%ebx\n"
	"	call	run\n"
	/* The interrupt only ends the wait of the loop */
	"timer:\n"
	"	pushl	%eax\n"
	/* This is the end of the interrupt, for PIC_COMMAND */
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

/* print_number - print at least @digits digits, with leading zeros */
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

/* Pages differ from each other and from a page of zeros, so that QEMU has to send each */
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

/* bar_size - return the size of a BAR: its lower bits do not keep a one */
static unsigned int bar_size(unsigned int slot)
{
	unsigned int address = read_config(slot, PCI_BAR0), mask;

	write_config(slot, PCI_BAR0, 0xffffffff);
	mask = read_config(slot, PCI_BAR0) & PCI_BAR_MEMORY_MASK;
	write_config(slot, PCI_BAR0, address);
	return -mask;
}

/* find_devices - find all mediated devices; returns their number */
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

/* pattern - return the word of a simulated device at an offset; the first byte is the value */
static unsigned int pattern(unsigned char value, unsigned int offset)
{
	return (value * 0x01010101u) ^ (offset * 0x9e3779b1u);
}

/* next_offset - return the next register, and then places at growing distances in the buffer */
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

/* The buffer ends where a place does not keep a word, or where the BAR ends */
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

/* pixel - return a pixel of a test card: colour bars, and below them shades with a disc */
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

/* get_value - return the value that the device has, or -1 if its pattern is not complete */
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
		/* The samples are not in one column */
		step = pixels / MDPY_SAMPLES | 1;
		for (at = 0; at < pixels; at += step)
			if (read_memory(device->bar + 4 * at) !=
			    pixel(device, value, at % device->width, at / device->width))
				return -1;
	}
	return value;
}

/* fault - print an exception, because otherwise the processor would start again */
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

/* start_timer - let the timer interrupt 18 times a second, as the BIOS has set it up */
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

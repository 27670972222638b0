// SPDX-License-Identifier: GPL-2.0-only
/*
 * What runs in the migrated domain: no system, but a program that QEMU starts as a
 * multiboot kernel.  It fills its memory, so that there is something to send, puts a
 * value into the scratch register of the first port of each mtty, and then tells with
 * each line on the serial port that it still runs and what it reads there:
 *
 *	tick 17: scratch a7 a8
 *
 * The first value is "scratch=a7" of the command line, the next mtty has the next one.
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
#define PCI_BAR0		0x10
#define PCI_BAR_IO_MASK		0xfffcu
/* Device and vendor of mtty, as the register has them */
#define MTTY_ID			0x32534348u
#define MTTY_MAX		4

/* Hotplug of QEMU's PC: an unplugged device stays until the guest lets go of it */
#define HOTPLUG_DOWN		0xae04
#define HOTPLUG_EJECT		0xae08
#define HOTPLUG_BUS		0xae10

/* Interrupt controller: the timer's interrupt is to be the vector that is free */
#define PIC_COMMAND		0x20
#define PIC_DATA		0x21
#define TIMER_VECTOR		0x20
#define TIMER_ONLY		0xfe

struct multiboot_info {
	unsigned int flags;
	unsigned int lower;
	/* in KiB, from 1 MiB on */
	unsigned int upper;
	unsigned int boot_device;
	const char *command_line;
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

static struct gate gates[TIMER_VECTOR + 1];
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
	"	iret\n");

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

/* find_ports - I/O addresses of the first port of each mtty; returns their number */
static int find_ports(unsigned short *ports)
{
	unsigned int slot, command;
	int num = 0;

	for (slot = 0; slot < PCI_SLOTS && num < MTTY_MAX; slot++) {
		select_register(slot, 0);
		if (in32(PCI_DATA) != MTTY_ID)
			continue;
		select_register(slot, PCI_COMMAND);
		command = in32(PCI_DATA) & 0xffff;
		out32(PCI_DATA, command | PCI_COMMAND_IO);
		select_register(slot, PCI_BAR0);
		ports[num++] = in32(PCI_DATA) & PCI_BAR_IO_MASK;
	}
	return num;
}

/* start_timer - about 18 interrupts a second, as the BIOS has set it up */
static void start_timer(void)
{
	struct gate *gate = &gates[TIMER_VECTOR];
	struct {
		unsigned short size;
		const struct gate *gates;
	} __attribute__((packed)) table = { sizeof(gates) - 1, gates };
	unsigned short selector;
	unsigned int handler;

	__asm__("mov %%cs, %0" : "=r"(selector));
	__asm__("movl $timer, %0" : "=r"(handler));
	gate->low = handler & 0xffff;
	gate->high = handler >> 16;
	gate->selector = selector;
	/* 32-bit interrupt gate that is present */
	gate->type = 0x8e00;
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
	unsigned short ports[MTTY_MAX];
	unsigned int ticks;
	int num, i;

	fill_memory(0x100000u + 1024 * info->upper - MEMORY_RESERVED);
	num = find_ports(ports);
	for (i = 0; i < num; i++)
		out8(ports[i] + UART_SCR, scratch + i);
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
			print_number(in8(ports[i] + UART_SCR), 16, 2);
		}
		print("\n");
	}
}

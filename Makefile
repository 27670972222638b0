# SPDX-License-Identifier: GPL-2.0-only
#
# The front door: every target calls a script in scripts/, which documents it.  `make` alone
# lists the targets.

# The distribution's kernel to work with, see scripts/kernels
KERNEL ?= 6.12
export KERNEL

# $(call asked_or,KERNELS) has the kernel of KERNEL= if it is given, and KERNELS if it is not
asked_or = $(if $(filter-out file,$(origin KERNEL)),$(KERNEL),$(1))
# in_kernels has the same kernels as options of scripts/check
in_kernels = $(patsubst %,--kernel %,$(call asked_or,$(1)))
# A run of the tests ends with make, even if make is killed
run_tests = exec scripts/with-parent $$PPID scripts/check

# KSRC, KDIR and INSTALL_MOD_PATH are the source tree, the build directory or headers, and the
# place of the modules of one's own kernel.  They become absolute, because the scripts change
# directories.
ifdef KSRC
override KSRC := $(abspath $(KSRC))
export KSRC
endif
ifdef KDIR
override KDIR := $(abspath $(KDIR))
export KDIR
endif
ifdef INSTALL_MOD_PATH
override INSTALL_MOD_PATH := $(abspath $(INSTALL_MOD_PATH))
endif

# The shell, and not make, expands a dollar sign in these variables
export GUEST_RUN := $(value RUN)
export GUEST_FILES := $(value FILES)
export CONFORMANCE_ACCEPTS := $(value ACCEPTS)
export CONFORMANCE_LOAD := $(value LOAD)
export CONFORMANCE_UNLOAD := $(value UNLOAD)
export TIMEOUT ACCEL INSTALL_MOD_PATH

MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## list the targets
	@echo "usage: make TARGET [KERNEL=6.1|6.12|7.3|trixie-6.12|trixie-7.3] [KSRC=source tree] [KDIR=build directory]"
	@echo
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	while IFS='|' read -r target text; do \
		printf '  %-17s %s\n' "$$target" "$$text"; \
	done

.PHONY: run
run: ## boot KERNEL with the patched modules and show their use
	@GUEST_RUN='sh /demo' GUEST_FILES=scripts/demo scripts/guest

.PHONY: shell
shell: ## boot KERNEL, copy FILES= to its /, open a root shell (exit ends both)
	@GUEST_RUN= scripts/guest

.PHONY: guest
guest: ## boot KERNEL, copy FILES='a b' to its /, run RUN='command' there
	@[ -n "$$GUEST_RUN" ] || \
		{ echo "error: RUN='command' is missing (make shell has a prompt)" >&2; \
		  exit 2; }
	@scripts/guest

.PHONY: check
check: ## run the tests for each change, the tests of KERNEL=, or TEST=machine/precheck
	@$(run_tests) $(in_kernels) $(TEST)

.PHONY: check-all
check-all: ## print an estimate, and run every test in each kernel that it is about
	@[ -z "$(TEST)$(call asked_or)" ] || \
		{ echo "error: make check-all runs every test in each kernel; KERNEL= and TEST= are for make check" >&2; \
		  exit 2; }
	@$(run_tests) --all

.PHONY: kunit
kunit: ## run the KUnit suite under User Mode Linux 6.12 and 7.3, or in KERNEL=
	@scripts/kunit $(call asked_or)

.PHONY: check-debug
check-debug: ## run the tests, fault injection and a long stress in debug-7.3 and kcsan-7.3
	@export MDEV_STRESS_OPERATIONS=$${MDEV_STRESS_OPERATIONS:-100000} \
		MDEV_HOSTILE_STEPS=$${MDEV_HOSTILE_STEPS:-100000} \
		MDEV_UNLOAD_CYCLES=$${MDEV_UNLOAD_CYCLES:-125} \
		MDEV_SIM_PARENTS=$${MDEV_SIM_PARENTS:-200} \
		TIMEOUT=$${TIMEOUT:-7200} && $(run_tests) $(call in_kernels,debug-7.3 kcsan-7.3)

.PHONY: check-portability
check-portability: ## run the tests on arm64 with pages of 64 KiB
	@$(run_tests) --kernel arm64-7.3

.PHONY: check-libvirt
check-libvirt: ## migrate guests between two hosts with libvirt, and test refusals
	@$(run_tests) machines/libvirt

.PHONY: check-nova
check-nova: ## migrate guests in the tests of OpenStack Nova, and test refusals
	@$(run_tests) no-machine/nova

.PHONY: packages
packages: ## build Debian packages in build/packages/, for Debian 12 or RELEASE=
	@directory=$$(scripts/packages $(RELEASE)) && \
		echo "$$directory has the packages that INSTALL.md installs:" && \
		cd "$$directory" && printf '  %s\n' *.deb

.PHONY: rpm
rpm: ## build the RPM packages of mdev-precheck in build/rpm/; not tried on Fedora
	@directory=$$(scripts/rpm) && \
		echo "$$(cd "$$directory" && echo *.rpm) are in $$directory"

.PHONY: check-packages
check-packages: ## build, install and boot the packages on Debian 12 and 13
	@$(run_tests) packages

.PHONY: check-migration
check-migration: ## compare verdicts with the results of migrations, print a table
	@scripts/check-migration

.PHONY: coverage
coverage: ## print which lines and branches the tests reach
	@KERNEL=$(call asked_or,uml-7.3) scripts/coverage

.PHONY: bench
bench: ## measure the costs of migration_version and mdev-precheck, print a table
	@scripts/bench

.PHONY: precheck
precheck: ## build mdev-precheck and its library in build/tools/mdev/
	@$(MAKE) -C tools/mdev

.PHONY: fuzz
fuzz: ## fuzz the parsers of mdev-precheck, SECONDS= for each
	@scripts/needs precheck && $(MAKE) -C tools/mdev/fuzz run

.PHONY: modules
modules: ## build mdev.ko, mdev_sim.ko and the samples in build/KERNEL/
	@directory=$$(scripts/modules) && \
		echo "$$(cd "$$directory" && echo *.ko) are in $$directory"

.PHONY: modules_install
modules_install: ## build and install these modules below /lib/modules (INSTALL_MOD_PATH=)
	@scripts/modules-install

.PHONY: modules_uninstall
modules_uninstall: ## remove them from /lib/modules; modprobe loads the distribution's mdev.ko
	@scripts/modules-uninstall

.PHONY: driver
driver: ## build the vendor driver SOURCE= for the patched mdev (MDEV=stock, WERROR=1)
	@cd "$(PWD)" && "$(CURDIR)/scripts/driver" $(if $(MDEV),--mdev "$(MDEV)") \
		$(if $(filter-out 0,$(WERROR)),--werror) -- $$SOURCE

.PHONY: conformance
conformance: ## test the vendor driver SOURCE=, its PARENT= and TYPE=, in 6.12 and debug-7.3
	@cd "$(PWD)" && "$(CURDIR)/scripts/conformance" --parent "$$PARENT" --type "$$TYPE" \
		--second "$$SECOND" \
		$(if $(filter-out undefined,$(origin ACCEPTS)),--accepts "$$CONFORMANCE_ACCEPTS") \
		--load "$$CONFORMANCE_LOAD" --unload "$$CONFORMANCE_UNLOAD" \
		$(addprefix --kernel ,$(call asked_or)) -- $$SOURCE

.PHONY: series
series: ## write the mails of each series to a folder in O=DIR, default build/KERNEL/series
	@scripts/series $(O)

.PHONY: edit
edit: ## open all series as commits of a git tree, in build/KERNEL/edit
	@scripts/edit

.PHONY: refresh
refresh: ## write the commits of make edit back to patches/ and the overlay
	@scripts/refresh

.PHONY: cross-compile
cross-compile: ## compile the series for s390 and i386, and the other drivers that use mdev
	@scripts/cross-compile

.PHONY: clean
clean: ## remove all builds, but not the trees of make edit
	@scripts/clean

.PHONY: distclean
distclean: ## remove build/, and print where the downloaded kernels are
	@scripts/clean all

# SPDX-License-Identifier: GPL-2.0-only
#
# A target that needs a library has the order-only prerequisite have-NAME, with pkg-config's NAME of
# the library.  If the library is missing, this prerequisite ends make, and names its package.

debian_cmocka := libcmocka-dev
debian_json-c := libjson-c-dev
debian_libmd := libmd-dev
debian_libvirt := libvirt-dev
debian_libxml-2.0 := libxml2-dev
debian_smartcols := libsmartcols-dev

have := $(patsubst debian_%,have-%,$(filter debian_%,$(.VARIABLES)))
.PHONY: $(have)
$(have): have-%:
	@$(PKG_CONFIG) --exists $* || \
		{ echo "error: $* is missing: install $(debian_$*)" >&2; exit 1; }

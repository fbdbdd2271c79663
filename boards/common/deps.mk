# Third-party sources: where they are, which of their files are compiled, and
# how. They are built unmodified and without our warnings.

LIBRE   ?= $(DEPS)/libre
MBEDTLS ?= $(DEPS)/mbedtls
ZLIB    ?= $(DEPS)/zlib

DEPS_READY := $(LIBRE)/include/re.h $(MBEDTLS)/include/mbedtls/aes.h \
	      $(ZLIB)/zlib.h

$(DEPS)/libre/include/re.h:
	$(Q)sh test/tools/deps.sh $(DEPS) libre
$(DEPS)/mbedtls/include/mbedtls/aes.h:
	$(Q)sh test/tools/deps.sh $(DEPS) mbedtls
$(DEPS)/zlib/zlib.h:
	$(Q)sh test/tools/deps.sh $(DEPS) zlib

# a tree given by LIBRE= and the like
$(filter-out $(DEPS)/%,$(DEPS_READY)):
	@echo "deps: there is no $@: LIBRE=, MBEDTLS= and ZLIB= must name" \
		"unpacked source trees" >&2; exit 1

DEPS_INC := -isystem $(LIBRE)/include -isystem $(MBEDTLS)/include \
	    -isystem $(ZLIB) $(BOARD_INC)

# What our files and libre must agree on.
LIBRE_DEF := -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -DRELEASE
ZLIB_DEF  := -DNO_GZIP -DZ_SOLO
DEPS_DEF  := $(LIBRE_DEF) $(ZLIB_DEF) \
	     -DMBEDTLS_CONFIG_FILE='"boards/common/mbedtls_config.h"'

# Codecs and base types; memory, main loop, random source and debug output
# are ours (ports/common).
LIBRE_SRC := mbuf/mbuf list/list hash/hash hash/func tmr/tmr \
	fmt/ch fmt/hexdump fmt/pl fmt/print fmt/prm fmt/regex fmt/str \
	fmt/str_error fmt/time fmt/unicode \
	sa/sa sa/ntop sa/pton sa/printaddr uri/uri uri/uric \
	msg/ctype msg/param sip/addr sip/via sip/cseq \
	sdp/attr sdp/format sdp/media sdp/msg sdp/session sdp/str sdp/util \
	httpauth/basic httpauth/digest md5/md5 md5/wrap base64/b64 \
	sys/endian mem/secure
# Sockets and DNS: only where the platform has them.
LIBRE_NET_SRC := net/if net/ifaddrs net/net net/netstr net/rt net/sock \
	net/sockopt net/posix/pif net/linux/rt \
	udp/udp udp/mcast tcp/tcp tcp/tcp_high \
	dns/client dns/cstr dns/dname dns/hdr dns/ns dns/res dns/rr dns/rrlist \
	sys/sleep

MBEDTLS_SRC := md5 sha1 sha256 aes des ctr_drbg \
	platform_util constant_time \
	platform memory_buffer_alloc ssl_tls ssl_cli ssl_srv ssl_msg \
	ssl_ciphersuites ecp ecp_curves ecdh ecdsa rsa rsa_internal bignum \
	oid asn1parse asn1write pk pk_wrap pkparse pkwrite x509 x509_crt \
	x509_create x509write_crt md sha512 cipher cipher_wrap gcm
ZLIB_SRC := deflate trees adler32 zutil

# $(1) name  $(2) folder of the sources  $(3) sources  $(4) flags
define third_party
$(1)_OBJ := $(3:%=$(OBJ)/deps/$(1)/%.o)
$$($(1)_OBJ): $(OBJ)/deps/$(1)/%.o: $$(DEPS_READY) $(OBJ)/flags
	$$(call say,CC,$(1)/$$*.c) mkdir -p $$(@D) && $$(CC) -std=gnu11 \
		$$(OPT) $$(CFLAGS) $$(GC) -w $$(BOARD_CFLAGS) $$(SANFLAGS) \
		-I. $$(DEPS_INC) $$(DEPS_DEF) $(4) -MD -MP -c -o $$@ \
		$(2)/$$*.c
$(B)/lib$(1).a: $$($(1)_OBJ)
	$$(call say,AR,$$@) rm -f $$@ && $$(AR) rcs $$@ $$^
endef

$(eval $(call third_party,mbedtls,$(MBEDTLS)/library,$(MBEDTLS_SRC)))
$(eval $(call third_party,z,$(ZLIB),$(ZLIB_SRC)))
$(eval $(call third_party,re,$(LIBRE)/src,$(if $(BOARD_SOCKETS),$(LIBRE_SRC) \
	$(LIBRE_NET_SRC),$(BOARD_LIBRE_SRC)),$(BOARD_LIBRE)))

DEPS_LIBS := $(B)/libre.a $(B)/libmbedtls.a $(B)/libz.a

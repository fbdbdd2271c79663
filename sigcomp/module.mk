# SigComp (RFC 3320): decompressor, state, policy; codecs behind codec.h
MODULES += sigcomp
# the second codec needs zlib: 1 or 0 (what sigcomp/deflate.h has by itself)
SIGCOMP_DEFLATE_IF_NOT_SAID := $(if $(filter -DUIMS_SMALL,$(BOARD_CFLAGS)),0,1)
SIGCOMP_DEFLATE ?= $(SIGCOMP_DEFLATE_IF_NOT_SAID)
ifneq ($(SIGCOMP_DEFLATE),$(SIGCOMP_DEFLATE_IF_NOT_SAID))
DEPS_DEF += -DSIGCOMP_DEFLATE=$(SIGCOMP_DEFLATE)
endif
ifeq ($(SIGCOMP_DEFLATE),0)
DEPS_LIBS := $(filter-out $(B)/libz.a,$(DEPS_LIBS))
endif
SIGCOMP_CODECS ?= $(wildcard sigcomp/lz*.c) \
	$(if $(filter 1,$(SIGCOMP_DEFLATE)),sigcomp/deflate.c)
sigcomp_SRC := $(addprefix sigcomp/, udvm.c udvm_io.c udvm_block.c header.c \
	message.c state.c compartment.c stream.c nack.c ledger.c policy.c \
	dictionary.c presence.c reason.c) $(SIGCOMP_CODECS)
-include sigcomp/bytecode/bytecode.mk

# the host program of the same name
HELPERS += sigcomp_flow
sigcomp_MAIN := test/tools/sigcomp.c test/tools/sigcomp_flow.c

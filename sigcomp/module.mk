# SigComp (RFC 3320): decompressor, state, policy; codecs behind codec.h
MODULES += sigcomp
SIGCOMP_CODECS ?= $(wildcard sigcomp/lz*.c sigcomp/deflate*.c)
sigcomp_SRC := $(addprefix sigcomp/, udvm.c udvm_io.c udvm_block.c header.c \
	message.c state.c compartment.c stream.c nack.c ledger.c policy.c \
	dictionary.c presence.c reason.c) $(SIGCOMP_CODECS)
-include sigcomp/bytecode/bytecode.mk

# the host program of the same name
HELPERS += sigcomp_flow
sigcomp_MAIN := test/tools/sigcomp.c test/tools/sigcomp_flow.c

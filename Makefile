# uIMS: one Makefile, not recursive. `make help` lists what it can do.
#
# It reads <module>/module.mk (libraries), ports/<port>/port.mk (platform
# glue and its programs), boards/<target>/board.mk (tool chain and flags) and
# boards/common/deps.mk (third-party sources). What is not there is left out.
#
#   TARGET=host|linux-armhf|mps2-an385|mps2-an500   what to build for
#   SAN=1        with ASan and UBSan, into <target>-san
#   SAN=trap     with UBSan that needs no library: undefined behaviour is an
#                instruction that stops; for every target, into <target>-trap
#   COV=1        counting branches for gcov, into <target>-cov
#   BUILD=DIR    output folder (default build); sources stay in build/deps
#   MODS="a b"   only these libraries
#   UNIT="a b"   only these unit test suites
#   V=1          show the commands
#   LIBRE= MBEDTLS= ZLIB= LWIP= FREERTOS=   use these source trees instead
#   KERNEL_PORT= the kernel's folder for a core (portable/GCC/ARM_CM3)
#   CFLAGS= OPT= flags beside ours (-g), optimisation (-Os)
#   JOBS=N       how many compilers `make test` and the like start at a time
#   USIM="at pcsc"   cards that `uims` can read, in a modem, in a reader;
#                USIM= is none
#   NETTLE=      `uims` without nettle: SHA-1 by mbedTLS alone
#   SIGCOMP_DEFLATE=0|1   without or with the second codec of SigComp and zlib

TARGET ?= host
BUILD  ?= build
NET    ?= lab
IP     ?= 4
PYTHON := /usr/bin/python3

ifeq ($(wildcard boards/$(TARGET)/board.mk),)
$(error TARGET=$(TARGET) is unknown: there is no boards/$(TARGET)/board.mk)
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
JOBS   ?= $(shell nproc 2>/dev/null || echo 1)

B    := $(BUILD)/$(TARGET)$(if $(SAN),-$(SAN:1=san))$(if $(COV),-cov)
OBJ  := $(B)/obj
GEN  := $(B)/gen
DEPS := build/deps

ifneq ($(V),1)
Q := @
say = @printf '  %-7s %s\n' $(1) $(2);
else
say :=
endif

# ---------------------------------------------------------------- sources

MODULES  :=
PROGRAMS :=
PORT     :=

include boards/$(TARGET)/board.mk
include boards/common/deps.mk
include $(wildcard */module.mk ports/common/module.mk test/*/module.mk)
ifneq ($(PORT),)
-include ports/$(PORT)/port.mk
endif

ifneq ($(MODS),)
MODULES := $(filter $(MODS),$(MODULES))
endif

# ------------------------------------------------------------------ flags

STD    := -std=c11
OPT    ?= -Os
WARN   := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
	  -Wconversion -Wvla -Werror
CFLAGS ?= -g
GC     := -ffunction-sections -fdata-sections
INC    := -I. -I$(B) $(DEPS_INC)

# frames of library code are bounded; tests may use more
STACK  := $(if $(SAN)$(COV),,-Wstack-usage=256)

# sanitizers make gcc warn about conversions that its own checks add
ifneq ($(SAN),)
WARN += -Wno-error
SANFLAGS := $(if $(filter trap,$(SAN)),-fsanitize=undefined \
	    -fsanitize-undefined-trap-on-error,-fsanitize=address,undefined \
	    -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif

# a branch of the source is a branch of the program
ifneq ($(COV),)
OPT    := -O0
WARN   += -Wno-error
SANFLAGS += --coverage
endif

ALL_CFLAGS = $(STD) $(OPT) $(CFLAGS) $(GC) $(WARN) $(BOARD_CFLAGS) \
	     $(SANFLAGS) $(INC) $(DEPS_DEF)
ALL_LDFLAGS = $(CFLAGS) $(BOARD_CFLAGS) $(SANFLAGS) -Wl,--gc-sections \
	      $(BOARD_LDFLAGS) $(LDFLAGS)

# ------------------------------------------------------------------- goals

.PHONY: all libs unit deps demo check test soak interop lint size mem bench
.PHONY: print-flags print-program fuzz proof docs clean distclean help FORCE
FORCE:

LIB_FILES := $(MODULES:%=$(B)/lib%.a)

all: libs unit programs ## build libraries, programs and unit tests

libs: $(LIB_FILES) $(DEPS_LIBS) ## build the libraries of TARGET

# What must be there before anything is compiled: the compiler (or a word on
# where it comes from) and a record of the flags, newer when they change.
$(OBJ)/flags: FORCE
	@command -v $(firstword $(CC)) >/dev/null || { \
		echo "TARGET=$(TARGET) needs $(CC): apt-get install" \
			"$(BOARD_PKGS)" >&2; exit 2; }
	@mkdir -p $(@D) && echo '$(subst ',,$(CC) $(ALL_CFLAGS))' >$@.new && \
	if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

# How a source of ours becomes an object. The static patterns below make a
# listed source that is missing an error that names it. -MD, because -MMD leaves
# out what a system header included first: mbedTLS includes ue_config.h.
define compile
$(call say,CC,$<) mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(MODFLAGS) \
	-MD -MP -c -o $@ $<
endef

define module_rules
$(1)_OBJ := $$(patsubst %.c,$(OBJ)/%.o,$$($(1)_SRC))
$(B)/lib$(1).a: $$($(1)_OBJ)
$$($(1)_OBJ): MODFLAGS = $$(if $$(filter $(1),$(LIBRARIES)),$(STACK)) \
	$$($(1)_CFLAGS)
$$($(1)_OBJ): $(OBJ)/%.o: %.c $(OBJ)/flags | $(DEPS_READY) \
		$$($(1)_GEN)
	$$(compile)
endef

# the parts that are libraries without I/O; ports and tests are not
LIBRARIES := ue sigcomp ipsec msrp
$(foreach m,$(MODULES),$(eval $(call module_rules,$(m))))

$(LIB_FILES):
	$(call say,AR,$@) rm -f $@ && mkdir -p $(@D) && $(AR) rcs $@ $^

# C tables made from test/vectors, and from the comments of the sources, by
# test/tools/gen_<what>.py: every test may
# include "gen/<what>.h".
GEN_PY  := $(wildcard test/tools/gen_*.py)
GEN_HDR := $(GEN_PY:test/tools/gen_%.py=$(GEN)/%.h)
VECTORS := $(shell [ -d test/vectors ] && find test/vectors -type f)

.PHONY: gen
gen: $(GEN_HDR)
$(GEN)/state_tables.h: $(foreach m,$(LIBRARIES) common,$($(m)_SRC))
$(GEN)/%.h: test/tools/gen_%.py $(VECTORS)
	$(call say,GEN,$@) mkdir -p $(@D) && $(PYTHON) $< $@

# all that a program may be linked with; the linker takes what it needs
LINK_LIBS = -Wl,--start-group $(1) $(LIB_FILES) $(DEPS_LIBS) \
	    -Wl,--end-group $(port_LDLIBS)

# -------------------------------------------------------------- unit tests

# the simulator needs ue
SIM       := $(if $(filter ue,$(MODULES)),test/sim/)
SIM_SRC   := $(if $(SIM),$(filter-out $(SIM)test_%,$(wildcard $(SIM)*.c)))
SIM_OBJ   := $(SIM_SRC:%.c=$(OBJ)/%.o)
SUITE_SRC := $(wildcard test/unit/test_*.c $(if $(SIM),$(SIM)test_*.c) \
	       $(if $(PORT),test/unit/$(PORT)/test_*.c))
ifneq ($(UNIT),)
SUITE_SRC := $(foreach u,$(UNIT),$(filter %/test_$(u).c,$(SUITE_SRC)))
endif
UNIT_SRC  := $(filter-out test/unit/test_%.c,$(wildcard test/unit/*.c))
UNIT_OBJ  := $(UNIT_SRC:%.c=$(OBJ)/%.o) $(SUITE_SRC:%.c=$(OBJ)/%.o) \
	     $(OBJ)/gen/suites.o $(BOARD_UNIT_SRC:%.c=$(OBJ)/%.o)
SUITES    := $(sort $(patsubst test_%,%,$(notdir $(SUITE_SRC:.c=))))

unit: $(B)/unit ## build the unit tests: build/<target>/unit [-l] [-v] [FILTER]

$(GEN)/suites.c: FORCE
	$(Q)mkdir -p $(@D) && { echo '#include "test/unit/test.h"'; echo; \
	for s in $(SUITES); do \
		echo "extern const struct test_case suite_$$s[];"; done; \
	echo; echo 'const struct test_suite test_suites[] = {'; \
	for s in $(SUITES); do echo "	{\"$$s\", suite_$$s},"; done; \
	echo '	{0, 0}'; echo '};'; } > $@.new && \
	if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

$(filter $(OBJ)/test/unit/$(PORT)/%,$(UNIT_OBJ)): MODFLAGS = -D_GNU_SOURCE
$(OBJ)/gen/suites.o: $(GEN)/suites.c $(OBJ)/flags
	$(compile)
$(filter-out %/gen/suites.o,$(UNIT_OBJ)) $(SIM_OBJ): $(OBJ)/%.o: %.c \
		$(OBJ)/flags | $(DEPS_READY) $(GEN_HDR) $(sigcomp_GEN)
	$(compile)

$(B)/libsim.a: $(SIM_OBJ)
	$(call say,AR,$@) rm -f $@ && mkdir -p $(@D) && $(AR) rcs $@ $^
SIM_LIB := $(if $(SIM_SRC),$(B)/libsim.a)

# what fails on demand: test/unit/crypto_fault.c, test/sim/fault_wrap.c
UNIT_WRAP := $(if $(SIM),$(addprefix sip_store_,alloc put alloc_most append \
	     page_alloc) sip_ctrans_start refer_send msrp_session_open \
	     msrp_send conf_new session_alloc file_new messaging_out_new)
UNIT_WRAP += $(addprefix mbedtls_,md5_starts_ret md5_update_ret md5_finish_ret sha1_starts_ret \
	     sha1_update_ret sha1_finish_ret sha1_ret sha256_starts_ret \
	     sha256_update_ret sha256_finish_ret aes_setkey_enc \
	     aes_setkey_dec aes_crypt_ecb aes_crypt_cbc des3_set3key_enc \
	     des3_set3key_dec des3_crypt_cbc)
# what is looked into: test/unit/linux/test_tls.c
UNIT_WRAP += $(if $(filter linux,$(PORT)),mbedtls_memory_buffer_alloc_init)

# the linker's --wrap does not reach calls in the file that has the function
UNIT_WEAK := $(if $(SIM),$(OBJ)/weak/conference.o $(OBJ)/weak/session.o)
$(UNIT_WEAK): MODFLAGS = $(ue_CFLAGS) -include test/sim/fault_weak.h \
	-DWEAK_$(*F)
$(UNIT_WEAK): $(OBJ)/weak/%.o: ue/services/%.c $(OBJ)/flags | $(DEPS_READY) \
		$(ue_GEN)
	$(compile)

$(B)/unit: $(UNIT_OBJ) $(UNIT_WEAK) $(SIM_LIB) $(LIB_FILES) $(DEPS_LIBS)
	$(call say,LD,$@) $(CC) $(ALL_LDFLAGS) $(BOARD_UNIT_LDFLAGS) \
		$(UNIT_WRAP:%=-Wl,--wrap=%) -o $@ \
		$(UNIT_OBJ) $(UNIT_WEAK) $(call LINK_LIBS,$(SIM_LIB))

# ---------------------------------------------------------------- programs
# test/tools/<name>.c and test/bench/bench_<name>.c become programs of their
# own; <name>_SRC (set in a .mk file) lists the sources when there are more,
# <name>_MAIN where a library has the same name.

TOOL_PROGS  := $(filter-out $(HELPERS),$(patsubst %.c,%,$(notdir \
		$(wildcard test/tools/*.c))))
BENCH_PROGS := $(patsubst %.c,%,$(notdir $(wildcard test/bench/bench_*.c)))
# the tools are for machines with files and sockets
PROG_NAMES  := $(sort $(PROGRAMS) $(if $(BOARD_SOCKETS),$(TOOL_PROGS) \
		 $(BENCH_PROGS)))

define program_rules
$(1)_SRC ?= $(firstword $(wildcard test/tools/$(1).c test/bench/$(1).c))
$(1)_MAIN ?= $$($(1)_SRC)
$(1)_POBJ := $$(patsubst %.c,$(OBJ)/%.o,$$($(1)_MAIN))
$$($(1)_POBJ): MODFLAGS = -D_GNU_SOURCE $$($(1)_CFLAGS)
$$($(1)_POBJ): $(OBJ)/%.o: %.c $(OBJ)/flags | $(DEPS_READY) $(GEN_HDR)
	$$(compile)
$(B)/$(1): $$($(1)_POBJ) $(SIM_LIB) $(LIB_FILES) $(DEPS_LIBS)
	$$(call say,LD,$$@) $$(CC) $$(ALL_LDFLAGS) -o $$@ $$($(1)_POBJ) \
		$$(call LINK_LIBS,$(SIM_LIB)) $$($(1)_LDLIBS)
endef
$(foreach p,$(PROG_NAMES),$(eval $(call program_rules,$(p))))

.PHONY: programs
programs: $(PROG_NAMES:%=$(B)/%)

# ------------------------------------------------- set-up, tests, measuring
# These make ready a Debian 12 that has only git and make.

BASE_PKGS := make gcc libc6-dev python3 bzip2 xz-utils
CHECK_PKGS := valgrind
LINT_PKGS := git clang cppcheck pmccabe
MCU_PKGS := gcc-arm-none-eabi libnewlib-arm-none-eabi
SETUP := sh test/tools/setup.sh
BUILD_ALL := $(MAKE) -j$(JOBS) all
# with a FILTER the runner sees to the packages of the tests it matches
NEEDS = $(SETUP) $(if $(FILTER),,-t $(1)) $(BASE_PKGS)
RUN_TESTS := $(PYTHON) test/tools/run_tests.py

BOARD_DEMO := $(if $(FIRMWARE),$(wildcard test/lab/demo_board.py))

ifneq ($(TARGET),host)
ifneq ($(BOARD_DEMO),)
demo:
	$(Q)$(SETUP) $(BASE_PKGS) $(BOARD_PKGS) qemu-system-arm iproute2
	$(Q)$(MAKE) -j$(JOBS) TARGET=host $(BUILD)/host/uims >/dev/null
	$(Q)$(MAKE) -j$(JOBS) $(FIRMWARE) >/dev/null
	$(Q)TARGET=$(TARGET) $(PYTHON) $(BOARD_DEMO) IP=$(IP) TRANSPORT=$(TRANSPORT)
else
demo:
	@echo "make demo runs on TARGET=host and the MPS2 boards" >&2; exit 2
endif
check test interop soak bench mem fuzz lint proof docs:
	@echo "make $@ runs on TARGET=host; for $(TARGET) there are all," \
		"libs, unit, programs and size" >&2; exit 2
else

demo: ## show the main job: NET=lab|kamailio IP=4|6 TRANSPORT=udp|tcp; TARGET=mps2-an385: the firmware
	$(Q)$(SETUP) $(BASE_PKGS) $(if $(filter kamailio,$(NET)),kamailio \
		kamailio-ims-modules kamailio-presence-modules iproute2)
	$(Q)$(if $(filter lab,$(NET)),$(SETUP) iproute2 2>/dev/null || :)
	$(Q)$(MAKE) -j$(JOBS) $(B)/uims >/dev/null
	$(Q)$(PYTHON) test/lab/demo.py NET=$(NET) IP=$(IP) \
		TRANSPORT=$(TRANSPORT)

check: ## tests that need compiler, make and python3 only (FILTER=part)
	$(Q)$(call NEEDS,$@)
	$(Q)$(BUILD_ALL)
	$(Q)$(RUN_TESTS) $@ $(FILTER)

test: ## all tests: sanitizers, valgrind, lab, real peers (FILTER=part)
	$(Q)$(call NEEDS,$@) $(CHECK_PKGS)
	$(Q)$(BUILD_ALL)
	$(Q)$(MAKE) -j$(JOBS) SAN=1 unit
	$(Q)if command -v arm-none-eabi-gcc >/dev/null; then \
		$(MAKE) -j$(JOBS) TARGET=mps2-an385 all; fi
	$(Q)$(RUN_TESTS) $@ $(FILTER)

interop: ## tests with real peers alone
	$(Q)$(call NEEDS,$@)
	$(Q)$(BUILD_ALL)
	$(Q)$(RUN_TESTS) $@ $(FILTER)

soak: ## what takes minutes
	$(Q)$(call NEEDS,$@) $(CHECK_PKGS)
	$(Q)$(BUILD_ALL)
	$(Q)$(RUN_TESTS) $@ $(FILTER)

lint: ## rules of the code
	$(Q)$(SETUP) $(BASE_PKGS) $(LINT_PKGS) $(MCU_PKGS)
	$(Q)$(MAKE) -j$(JOBS) libs gen
	$(Q)$(MAKE) -j$(JOBS) TARGET=mps2-an385 libs build/mps2-an385/firmware
	$(Q)$(PYTHON) test/tools/lint.py

mem: ## struct ue member by member, the peaks of every table, RAM goals
	$(Q)$(SETUP) $(BASE_PKGS)
	$(Q)$(MAKE) -j$(JOBS) $(B)/mem
	$(Q)$(B)/mem $(B)/mem.json
	$(Q)$(PYTHON) test/tools/ram_sum.py \
		$(BUILD)/mps2-an385/firmware.map

bench: ## measure, beside the goals (FILTER=part)
	$(Q)$(SETUP) $(BASE_PKGS) valgrind
	$(Q)$(SETUP) nettle-dev 2>/dev/null || :
	$(Q)$(BUILD_ALL)
	$(Q)$(PYTHON) test/tools/bench.py $(B) $(FILTER)

fuzz: ## fuzz every target for SECONDS each (FILTER=part; M32=1: as 32-bit programs)
	$(Q)$(SETUP) $(BASE_PKGS) clang libclang-rt-14-dev \
		$(if $(M32),libc6-dev-i386 lib32gcc-12-dev lib32stdc++-12-dev)
	$(Q)M32=$(M32) $(PYTHON) test/tools/fuzz.py $(or $(SECONDS),60) $(FILTER)

docs: ## docs/conformance.md and the pictures of docs/flows.md anew
	$(Q)$(SETUP) $(BASE_PKGS)
	$(Q)$(MAKE) -j$(JOBS) $(B)/uims
	$(Q)$(PYTHON) test/tools/conformance.py
	$(Q)$(PYTHON) test/tools/pictures.py

proof: ## model checking of length arithmetic (FILTER=name)
	$(Q)$(SETUP) $(BASE_PKGS)
	$(Q)MISTAKES=all $(PYTHON) test/proof/test_proof.py $(FILTER)
endif

size: ## code and data of each library of TARGET
	$(Q)$(SETUP) $(BASE_PKGS) $(BOARD_PKGS)
	$(Q)$(MAKE) -j$(JOBS) libs $(FIRMWARE)
	$(Q)$(PYTHON) test/tools/size.py $(TARGET) $(B) $(MODULES) \
		$(DEPS_LIBS:$(B)/lib%.a=%)
	$(Q)$(if $(FIRMWARE),$(PYTHON) test/tools/firmware_size.py \
		$(FIRMWARE).map)

print-flags: # for lint
	@printf '%s\n' "$(STD) $(WARN) $(INC) $(freertos_CFLAGS) \
		$(subst ",\",$(DEPS_DEF))"

# The compiler takes these words as they are: $(make -s print-program).
print-program: # what a program of one's own on this port is built with
	@printf '%s\n' "$(STD) -D_GNU_SOURCE $(INC) \
		$(subst ",\",$(subst ',,$(DEPS_DEF))) $(ALL_LDFLAGS) \
		$(call LINK_LIBS,)"

# ------------------------------------------------------------ dependencies

deps: $(DEPS_READY) ## fetch, check and unpack the pinned third-party sources

clean: ## remove what was built, keep the third-party sources
	$(Q)rm -rf $(B) $(if $(SAN)$(COV),,$(B)-san $(B)-trap $(B)-cov)

distclean: ## remove the whole build folder
	$(Q)rm -rf build

help: ## list the goals and variables
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) \
		| while IFS='|' read -r g t; do printf '%-16s %s\n' "$$g" "$$t"; \
		done; echo; sed -n '/^#   /s/^# //p' Makefile

-include $(shell [ -d $(OBJ) ] && find $(OBJ) -name '*.d')

# uIMS: one Makefile, not recursive. `make help` lists what it can do.
#
# It reads <module>/module.mk (libraries), ports/<port>/port.mk (platform
# glue and its programs), boards/<target>/board.mk (tool chain and flags) and
# boards/common/deps.mk (third-party sources). What is not there is left out.
#
#   TARGET=host|linux-armhf|mps2-an385   what to build for
#   SAN=1        with ASan and UBSan, into <target>-san
#   BUILD=DIR    output folder (default build); sources stay in build/deps
#   MODS="a b"   only these libraries
#   UNIT="a b"   only these unit test suites
#   V=1          show the commands
#   LIBRE= MBEDTLS= ZLIB= LWIP= FREERTOS=   use these source trees instead

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

B    := $(BUILD)/$(TARGET)$(if $(SAN),-san)
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
STACK  := $(if $(SAN),,-Wstack-usage=256)

# sanitizers make gcc warn about conversions that its own checks add
ifneq ($(SAN),)
WARN += -Wno-error
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all \
	    -fno-omit-frame-pointer
endif

ALL_CFLAGS = $(STD) $(OPT) $(CFLAGS) $(GC) $(WARN) $(BOARD_CFLAGS) \
	     $(SANFLAGS) $(INC) $(DEPS_DEF)
ALL_LDFLAGS = $(CFLAGS) $(BOARD_CFLAGS) $(SANFLAGS) -Wl,--gc-sections \
	      $(BOARD_LDFLAGS) $(LDFLAGS)

# ------------------------------------------------------------------- goals

.PHONY: all libs unit deps demo check test soak interop lint size mem bench
.PHONY: print-flags fuzz proof clean distclean help FORCE
FORCE:

LIB_FILES := $(MODULES:%=$(B)/lib%.a)

ifeq ($(BOARD_PROGRAMS),no)
all: libs
	@echo "$(TARGET): libraries only; the firmware image comes later"
else
all: libs unit programs ## build libraries, programs and unit tests
endif

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
# listed source that is missing an error that names it.
define compile
$(call say,CC,$<) mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(MODFLAGS) \
	-MMD -MP -c -o $@ $<
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

# C tables made from test/vectors by test/tools/gen_<what>.py: every test may
# include "gen/<what>.h".
GEN_PY  := $(wildcard test/tools/gen_*.py)
GEN_HDR := $(GEN_PY:test/tools/gen_%.py=$(GEN)/%.h)
VECTORS := $(shell [ -d test/vectors ] && find test/vectors -type f)

.PHONY: gen
gen: $(GEN_HDR)
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
	     $(OBJ)/gen/suites.o
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
		$(OBJ)/flags | $(DEPS_READY) $(GEN_HDR)
	$(compile)

$(B)/libsim.a: $(SIM_OBJ)
	$(call say,AR,$@) rm -f $@ && mkdir -p $(@D) && $(AR) rcs $@ $^
SIM_LIB := $(if $(SIM_SRC),$(B)/libsim.a)

$(B)/unit: $(UNIT_OBJ) $(SIM_LIB) $(LIB_FILES) $(DEPS_LIBS)
	$(call say,LD,$@) $(CC) $(ALL_LDFLAGS) -o $@ $(UNIT_OBJ) \
		$(call LINK_LIBS,$(SIM_LIB))

# ---------------------------------------------------------------- programs
# test/tools/<name>.c and test/bench/bench_<name>.c become programs of their
# own; <name>_SRC (set in a .mk file) lists the sources when there are more,
# <name>_MAIN where a library has the same name.

TOOL_PROGS  := $(filter-out $(HELPERS),$(patsubst %.c,%,$(notdir \
		$(wildcard test/tools/*.c))))
BENCH_PROGS := $(patsubst %.c,%,$(notdir $(wildcard test/bench/bench_*.c)))
PROG_NAMES  := $(sort $(PROGRAMS) $(TOOL_PROGS) $(BENCH_PROGS))

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

ifneq ($(TARGET),host)
demo check test interop soak bench mem fuzz lint proof:
	@echo "make $@ runs on TARGET=host; the image of $(TARGET) comes" \
		"later, its libraries: make TARGET=$(TARGET) libs" >&2; exit 2
else

demo: ## show the main job: NET=lab|kamailio IP=4|6 TRANSPORT=udp|tcp
	$(Q)$(SETUP) $(BASE_PKGS) $(if $(filter kamailio,$(NET)),kamailio \
		kamailio-ims-modules kamailio-presence-modules iproute2)
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
	$(Q)$(MAKE) -j$(JOBS) TARGET=mps2-an385 libs
	$(Q)$(PYTHON) test/tools/lint.py

mem: ## sizeof(struct ue) and the peaks of every table
	$(Q)$(SETUP) $(BASE_PKGS)
	$(Q)$(MAKE) -j$(JOBS) $(B)/mem
	$(Q)$(B)/mem $(B)/mem.json

bench: ## measure, beside the goals (FILTER=part)
	$(Q)$(SETUP) $(BASE_PKGS) valgrind
	$(Q)$(BUILD_ALL)
	$(Q)$(PYTHON) test/tools/bench.py $(B) $(FILTER)

fuzz: ## fuzz every target for SECONDS each (FILTER=part)
	$(Q)$(SETUP) $(BASE_PKGS) clang libclang-rt-14-dev
	$(Q)$(PYTHON) test/tools/fuzz.py $(or $(SECONDS),60) $(FILTER)

proof: ## model checking of length arithmetic
	$(Q)$(SETUP) $(BASE_PKGS)
	$(Q)for t in test/proof/test_*.sh; do \
		[ ! -e $$t ] || sh $$t || exit 1; done
endif

size: ## code and data of each library of TARGET
	$(Q)$(SETUP) $(BASE_PKGS) $(BOARD_PKGS)
	$(Q)$(MAKE) -j$(JOBS) libs
	$(Q)$(PYTHON) test/tools/size.py $(TARGET) $(B) $(MODULES) \
		$(DEPS_LIBS:$(B)/lib%.a=%)

print-flags: # for lint
	@printf '%s\n' "$(STD) $(WARN) $(INC) $(subst ",\",$(DEPS_DEF))"

# ------------------------------------------------------------ dependencies

deps: $(DEPS_READY) ## fetch, check and unpack the pinned third-party sources

clean: ## remove what was built, keep the third-party sources
	$(Q)rm -rf $(B) $(if $(SAN),,$(B)-san)

distclean: ## remove the whole build folder
	$(Q)rm -rf build

help: ## list the goals and variables
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) \
		| while IFS='|' read -r g t; do printf '%-16s %s\n' "$$g" "$$t"; \
		done; echo; sed -n '/^#   /s/^# //p' Makefile

-include $(shell [ -d $(OBJ) ] && find $(OBJ) -name '*.d')

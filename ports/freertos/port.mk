# FreeRTOS and lwIP: the port, both third-party kernels, the firmware image.
MODULES += freertos
freertos_SRC := $(addprefix ports/freertos/, port.c flow.c netif.c esp.c \
	guard.c inet.c peaks.c)
freertos_CFLAGS := -DBOARD_CPU_CLOCK_HZ=$(BOARD_CPU_CLOCK_HZ)

LWIP     ?= $(DEPS)/lwip
FREERTOS ?= $(DEPS)/freertos
# where the kernel is in a tree: a clone of FreeRTOS-Kernel, a release of
# FreeRTOS, and what deps.sh unpacks; then its part for core and compiler
KERNEL      ?= $(patsubst %/tasks.c,%,$(firstword $(wildcard \
	$(FREERTOS)/tasks.c $(FREERTOS)/Source/tasks.c \
	$(FREERTOS)/FreeRTOS/Source/tasks.c) \
	$(FREERTOS)/ports/cc3200/FreeRTOS/Source/tasks.c))
KERNEL_PORT ?= portable/GCC/ARM_CM3

$(DEPS)/lwip/src/core/init.c:
	$(Q)sh test/tools/deps.sh $(DEPS) lwip
$(DEPS)/freertos/ports/cc3200/FreeRTOS/Source/tasks.c:
	$(Q)sh test/tools/deps.sh $(DEPS) freertos
# a tree given by LWIP= and the like
$(filter-out $(DEPS)/%,$(LWIP)/src/core/init.c $(KERNEL)/tasks.c):
	@echo "deps: there is no $@: LWIP=, FREERTOS= and KERNEL= must name" \
		"unpacked source trees" >&2; exit 1
DEPS_READY += $(LWIP)/src/core/init.c $(KERNEL)/tasks.c
DEPS_INC += -isystem $(LWIP)/src/include -isystem $(KERNEL)/include \
	-isystem $(KERNEL)/$(KERNEL_PORT)

LWIP_SRC := $(addprefix core/, def inet_chksum init ip mem memp netif pbuf \
	raw stats tcp tcp_in tcp_out timeouts udp \
	ipv4/etharp ipv4/icmp ipv4/ip4 ipv4/ip4_addr ipv4/ip4_frag \
	ipv6/ethip6 ipv6/icmp6 ipv6/inet6 ipv6/ip6 ipv6/ip6_addr \
	ipv6/ip6_frag ipv6/mld6 ipv6/nd6) netif/ethernet
$(eval $(call third_party,lwip,$(LWIP)/src,$(LWIP_SRC)))
$(eval $(call third_party,kernel,$(KERNEL),tasks queue list \
	$(KERNEL_PORT)/port,$(freertos_CFLAGS)))
DEPS_LIBS += $(B)/liblwip.a $(B)/libkernel.a

PROGRAMS += firmware
FIRMWARE := $(B)/firmware
firmware_SRC := $(BOARD_FIRMWARE_SRC)
firmware_CFLAGS := $(freertos_CFLAGS)
firmware_LDLIBS := $(BOARD_FIRMWARE_LDFLAGS)

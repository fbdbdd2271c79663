/**
 * @file arch/cc.h  lwIP's compiler and platform
 */
#ifndef PORT_ARCH_CC_H
#define PORT_ARCH_CC_H

#include <stdint.h>

void port_assert_failed(const char *file, int line);
uint32_t port_random_u32(void);

#define LWIP_PLATFORM_DIAG(x) do { } while (0)
#define LWIP_PLATFORM_ASSERT(x) port_assert_failed(__FILE__, __LINE__)
#define LWIP_RAND() port_random_u32()
#define LWIP_NO_INTTYPES_H 0
#define LWIP_NO_CTYPE_H 1

#endif

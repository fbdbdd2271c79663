/**
 * @file test_tls.c  Linux port: what TLS leaves behind
 */
#include <string.h>
#include "ports/common/random.h"
#include "ports/linux/linux_port.h"
#include "test/unit/test.h"

#if UE_MSRP_TLS

static struct linux_port lp;
static struct ue ue;

/* what mbedTLS was given to allocate from */
static unsigned char *memory;
static size_t memory_len;

void __real_mbedtls_memory_buffer_alloc_init(unsigned char *p, size_t len);
void __wrap_mbedtls_memory_buffer_alloc_init(unsigned char *p, size_t len);


/** UNIT_WRAP in the Makefile */
void __wrap_mbedtls_memory_buffer_alloc_init(unsigned char *p, size_t len)
{
	memory = p;
	memory_len = len;
	__real_mbedtls_memory_buffer_alloc_init(p, len);
}


static int seed(void *arg, uint8_t *buf, size_t len)
{
	(void)arg;
	memset(buf, 5, len);

	return 0;
}


static bool blank(void)
{
	for (size_t i = 0; i < memory_len; i++) {
		if (memory[i])
			return false;
	}

	return true;
}


static void wiped(void)
{
	uint8_t printv[2][32];

	CHECK_EQ(random_init(seed, NULL), 0);
	for (unsigned i = 0; i < 2; i++) {
		linux_port_init(&lp, &ue);
		CHECK_EQ(linux_tls_fingerprint(&lp, 0, printv[i]), 0);
		CHECK(memory && !blank());
		linux_port_close(&lp);
		CHECK(blank());
	}
	random_close();

	/* another key each time */
	CHECK(memcmp(printv[0], printv[1], sizeof(printv[0])) != 0);
}

#endif

const struct test_case suite_tls[] = {
#if UE_MSRP_TLS
	{"TLS: the private key is wiped with all of the memory of TLS", wiped},
#endif
	{NULL, NULL}
};

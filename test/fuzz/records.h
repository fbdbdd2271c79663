/**
 * @file records.h  Input of a target that plays events in any order: records
 * of octets and texts
 */
#ifndef FUZZ_RECORDS_H
#define FUZZ_RECORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/** What is left of the input, and the last text */
static struct {
	const uint8_t *p;
	size_t left;
	char text[1200];
} records;


static inline void must(bool cond)
{
	if (!cond)
		abort();
}


static inline void records_begin(const uint8_t *data, size_t len)
{
	records.p = data;
	records.left = len;
}


/** 0 at the end */
static inline unsigned octet(void)
{
	if (!records.left)
		return 0;

	--records.left;

	return *records.p++;
}


/** Up to the next zero octet; longer ones are cut */
static inline char *text(void)
{
	size_t n = 0;
	unsigned c;

	while (records.left && (c = octet()) != 0) {
		if (n < sizeof(records.text) - 1)
			records.text[n++] = (char)c;
	}
	records.text[n] = '\0';

	return records.text;
}

#endif

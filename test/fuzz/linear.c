/**
 * @file linear.c  The targets of libFuzzer on inputs of growing size, under
 * callgrind: see test_linear.py
 *
 * usage: linear INPUT...    one dump of counters for each
 */
#include <stdint.h>
#include <stdio.h>
#include <valgrind/callgrind.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);


int main(int argc, char *argv[])
{
	static uint8_t data[1 << 18];
	int i;

	for (i = 1; i < argc; i++) {

		FILE *f = fopen(argv[i], "rb");
		size_t len;

		if (!f) {
			perror(argv[i]);
			return 2;
		}
		len = fread(data, 1, sizeof(data), f);
		fclose(f);

		CALLGRIND_ZERO_STATS;
		(void)LLVMFuzzerTestOneInput(data, len);
		CALLGRIND_DUMP_STATS_AT(argv[i]);
	}

	return 0;
}

/**
 * @file sigcomp_replay.c  Host program: the corpus of fuzz_sigcomp_message
 *                         without a fuzzer
 */
#include <stdio.h>
#include "test/fuzz/fuzz_sigcomp_message.c"


int main(int argc, char *argv[])
{
	static uint8_t data[1 << 20];
	int i;

	for (i = 1; i < argc; ++i) {
		FILE *file = fopen(argv[i], "rb");
		size_t n;

		if (!file) {
			fprintf(stderr, "cannot read %s\n", argv[i]);
			return 1;
		}

		n = fread(data, 1, sizeof(data), file);
		fclose(file);
		(void)LLVMFuzzerTestOneInput(data, n);
	}

	printf("%d inputs\n", argc - 1);

	return argc > 1 ? 0 : 1;
}

/**
 * @file usim_no_reader.c  Built without PC/SC
 */
#include <errno.h>
#include <stdio.h>
#include "ports/linux/usim.h"


int usim_reader_open(struct linux_usim *us, const char *reader)
{
	(void)reader;
	(void)snprintf(us->why, sizeof(us->why),
		       "built without PC/SC: libpcsclite-dev was not there");

	return ENOTSUP;
}


int usim_reader_authenticate(struct linux_usim *us, const uint8_t rand[16],
			  const uint8_t autn[16])
{
	(void)us;
	(void)rand;
	(void)autn;

	return ENOENT;
}


void usim_reader_close(struct linux_usim *us)
{
	(void)us;
}

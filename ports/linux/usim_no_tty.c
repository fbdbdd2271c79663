/**
 * @file usim_no_tty.c  Built without the card in a modem
 */
#include <errno.h>
#include <stdio.h>
#include "ports/linux/usim.h"


int usim_tty_open(struct linux_usim *us, const char *device)
{
	(void)device;
	(void)snprintf(us->why, sizeof(us->why),
		       "built without AT commands");

	return ENOTSUP;
}


int usim_tty_authenticate(struct linux_usim *us, const uint8_t rand[16],
			  const uint8_t autn[16])
{
	(void)us;
	(void)rand;
	(void)autn;

	return ENOENT;
}


void usim_tty_close(struct linux_usim *us)
{
	(void)us;
}

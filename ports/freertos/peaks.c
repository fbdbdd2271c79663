/**
 * @file peaks.c  FreeRTOS port: what of its memory was used, and the most
 *                that ever was
 */
#include <FreeRTOS.h>
#include <task.h>
#include <lwip/memp.h>
#include <lwip/stats.h>
#include "ports/freertos/freertos_board.h"
#include "ports/freertos/freertos_port.h"


static const char *const memp_namev[] = {
#define LWIP_MEMPOOL(name, num, size, desc) #name,
#include <lwip/priv/memp_std.h>
};


static int pool(struct re_printf *pf, const char *name, unsigned used,
		unsigned peak, unsigned size, unsigned failed)
{
	return re_hprintf(pf, ",\"%s\":[%u,%u,%u,%u]", name, used, peak, size,
			  failed);
}


int freertos_peaks_print(struct re_printf *pf, const struct freertos_port *fp)
{
	int err;

	err = re_hprintf(pf, "{\"event\":\"peaks\",\"free\":[%u,%u,%u]",
			 (unsigned)uxTaskGetStackHighWaterMark(NULL) *
			 (unsigned)sizeof(StackType_t),
			 (unsigned)uxTaskGetStackHighWaterMark(
				 xTaskGetIdleTaskHandle()) *
			 (unsigned)sizeof(StackType_t),
			 (unsigned)board_stack_free());

	for (unsigned i = 0; !err && i < MEMP_MAX; i++) {
		const struct stats_mem *s = memp_pools[i]->stats;

		err = pool(pf, memp_namev[i], s->used, s->max,
			   memp_pools[i]->num, s->err);
	}
	if (!err)
		err = pool(pf, "MEM_SIZE", lwip_stats.mem.used,
			   lwip_stats.mem.max, MEM_SIZE, lwip_stats.mem.err);
	if (!err)
		err = pool(pf, "FREERTOS_DATAGRAMS", fp->dgram_count,
			   fp->dgram_peak, FREERTOS_DATAGRAMS, fp->rx_lost);
	if (!err)
		err = re_hprintf(pf, "}\n");

	return err;
}

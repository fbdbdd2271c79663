/**
 * @file port.c  struct ue_port on FreeRTOS: the table, the clock, the task
 */
#include <errno.h>
#include <string.h>
#include <FreeRTOS.h>
#include <queue.h>
#include <task.h>
#include <lwip/init.h>
#include <mbedtls/platform_util.h>
#include "ports/common/log.h"
#include "ports/common/random.h"
#include "ports/common/re_time.h"
#include "ports/freertos/freertos_board.h"
#include "ports/freertos/freertos_port.h"

/** A call into the UE task */
struct call {
	freertos_call_h *h;
	void *arg;
};

static StaticQueue_t calls;
static uint8_t callv[FREERTOS_CALLS * sizeof(struct call)];
static QueueHandle_t call_queue;
static TaskHandle_t ue_task;


/* ------------------------------------------------------------------ */
/* Clock */


/* A tick is a millisecond, here and where the task sleeps.  The kernel's
   counter has 32 bits and wraps after 49 days, which the kernel counts */
_Static_assert(configTICK_RATE_HZ == 1000 && sizeof(TickType_t) == 4,
	       "FreeRTOSConfig.h: a tick of 1 ms, of 32 bits, is needed");

uint64_t freertos_now_ms(void)
{
	TimeOut_t t;

	/* both of the same moment */
	taskENTER_CRITICAL();
	vTaskSetTimeOutState(&t);
	taskEXIT_CRITICAL();

	return (uint64_t)t.xOverflowCount << 32 | t.xTimeOnEntering;
}


uint64_t re_time_platform_us(void)
{
	return freertos_now_ms() * 1000;
}


/* ------------------------------------------------------------------ */
/* Other tasks and interrupts */


static void wake(void)
{
	if (ue_task)
		(void)xTaskNotifyGive(ue_task);
}


void freertos_wake_from_isr(void)
{
	BaseType_t yield = pdFALSE;

	if (ue_task)
		vTaskNotifyGiveFromISR(ue_task, &yield);
	portYIELD_FROM_ISR(yield);
}


int freertos_call(freertos_call_h *h, void *arg)
{
	const struct call c = {h, arg};

	if (!call_queue || xQueueSend(call_queue, &c, 0) != pdTRUE)
		return EAGAIN;
	wake();

	return 0;
}


int freertos_call_from_isr(freertos_call_h *h, void *arg)
{
	const struct call c = {h, arg};

	if (!call_queue ||
	    xQueueSendFromISR(call_queue, &c, NULL) != pdTRUE)
		return EAGAIN;
	freertos_wake_from_isr();

	return 0;
}


/* ------------------------------------------------------------------ */
/* struct ue_port */


static int seed(void *arg, uint8_t *buf, size_t len)
{
	(void)arg;

	return board_entropy(buf, len);
}


uint32_t port_random_u32(void)
{
	uint32_t v = 0;

	(void)random_bytes(&v, sizeof(v));

	return v;
}


static int port_random(void *arg, void *buf, size_t len)
{
	(void)arg;

	return random_bytes(buf, len);
}


static int port_identity(void *arg, struct ue_identity *id)
{
	struct freertos_port *fp = arg;

	if (!fp->has_identity)
		return ENOENT;

	*id = fp->identity;

	return 0;
}


static int port_authenticate(void *arg, const uint8_t rand[16],
			     const uint8_t autn[16])
{
	struct freertos_port *fp = arg;
	struct ue_usim_res res;

	if (!fp->has_usim)
		return ENOENT;

	usim_soft_authenticate(&fp->usim, &res, rand, autn);
	ue_usim_result(fp->ue, &res);
	mbedtls_platform_zeroize(&res, sizeof(res));

	return 0;
}


static int port_nv_read(void *arg, const char *key, void *buf, size_t *len)
{
	struct freertos_port *fp = arg;

	return nv_slots_read(&fp->nv, key, buf, len);
}


static int port_nv_write(void *arg, const char *key, const void *buf,
			 size_t len)
{
	struct freertos_port *fp = arg;

	return nv_slots_write(&fp->nv, key, buf, len);
}


static void port_log(void *arg, enum ue_log_level level, const char *line)
{
	(void)arg;
	log_printf((enum log_level)level, "%s", line);
}


static void port_wake(void *arg)
{
	struct freertos_port *fp = arg;

	fp->woken = true;
}


static int slot_read(void *arg, unsigned slot, void *buf, size_t len)
{
	(void)arg;

	return board_nv_read(slot, buf, len);
}


static int slot_write(void *arg, unsigned slot, const void *buf, size_t len)
{
	(void)arg;

	return board_nv_write(slot, buf, len);
}


int freertos_port_init(struct freertos_port *fp)
{
	int err;

	memset(fp, 0, sizeof(*fp));

	fp->port.arg               = fp;
	fp->port.random            = port_random;
	fp->port.usim_identity     = port_identity;
	fp->port.usim_authenticate = port_authenticate;
	fp->port.ipsec_install     = esp_install;
	fp->port.nv_read           = port_nv_read;
	fp->port.nv_write          = port_nv_write;
	fp->port.log               = port_log;
	fp->port.wake              = port_wake;
	freertos_flow_init(fp);

	ue_task = xTaskGetCurrentTaskHandle();
	call_queue = xQueueCreateStatic(FREERTOS_CALLS, sizeof(struct call),
					callv, &calls);

	err = random_init(seed, NULL);
	if (err)
		return err;

	return nv_slots_open(&fp->nv, slot_read, slot_write, fp);
}


int freertos_port_start(struct freertos_port *fp, struct ue *ue,
			const struct freertos_net_params *net)
{
	int err;

	/* lwIP cannot be begun twice */
	if (fp->started)
		return EALREADY;

	fp->started = true;
	fp->net = *net;

	lwip_init();
	err = esp_netif_init(fp);
	if (!err)
		err = freertos_netif_init(net);
	if (!err)
		fp->ue = ue;

	return err;
}


/* Network and UE.  @return milliseconds until the next round, 0 = now */
static uint32_t run_ue(struct freertos_port *fp)
{
	uint32_t wait_ms = UINT32_MAX, net_ms;
	bool left;

	freertos_netif_poll();
	left = freertos_flow_deliver(fp);
	(void)ue_poll(fp->ue, freertos_now_ms(), &wait_ms);
	/* once more, now that there may be room.  Where there is none the UE
	   asks to be polled when there is: a peer is not to keep us awake */
	if (left)
		(void)freertos_flow_deliver(fp);
	freertos_flow_shed(fp);

	net_ms = freertos_netif_wait_ms();

	return net_ms < wait_ms ? net_ms : wait_ms;
}


void freertos_port_run(struct freertos_port *fp)
{
	for (;;) {
		uint32_t wait_ms = UINT32_MAX, ue_ms;
		struct call c;

		board_watchdog_feed();
		fp->woken = false;
		while (xQueueReceive(call_queue, &c, 0) == pdTRUE)
			c.h(fp, c.arg);
		if (fp->pollh)
			wait_ms = fp->pollh(fp, freertos_now_ms());
		if (fp->ue) {
			ue_ms = run_ue(fp);
			if (ue_ms < wait_ms)
				wait_ms = ue_ms;
		}
		if (fp->woken || !wait_ms)
			continue;

		/* asleep until a frame, a call, the next deadline, or the
		   watchdog wants to be fed */
		if (wait_ms > BOARD_WATCHDOG_MS / 2)
			wait_ms = BOARD_WATCHDOG_MS / 2;
		if (fp->ue)
			board_eth_wait();
		(void)ulTaskNotifyTake(pdTRUE, wait_ms);
	}
}

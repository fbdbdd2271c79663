/**
 * @file test_port.c  FreeRTOS port: the clock, calls before there is a queue
 *
 * The kernel is in the test's place: its counter, and who may not interrupt.
 */
#define freertos_now_ms        port_now_ms
#define freertos_wake_from_isr port_wake_isr
#define re_time_platform_us    port_time_us
#define port_random_u32        port_lwip_rand
#include <FreeRTOS.h>
#include <queue.h>
#include <task.h>
#include "test/unit/test.h"

#undef taskENTER_CRITICAL
#undef taskEXIT_CRITICAL
#define taskENTER_CRITICAL() ++critical
#define taskEXIT_CRITICAL()  --critical
#define vTaskSetTimeOutState kernel_time

/* not called here: the kernel is not linked for them */
#pragma weak xQueueGenericCreateStatic
#pragma weak xQueueGenericReceive
#pragma weak xQueueGenericSend
#pragma weak xQueueGenericSendFromISR
#pragma weak xTaskGenericNotify
#pragma weak vTaskNotifyGiveFromISR
#pragma weak ulTaskNotifyTake
#pragma weak xTaskGetCurrentTaskHandle
#pragma weak freertos_netif_init
#pragma weak freertos_netif_poll
#pragma weak freertos_netif_wait_ms

static TimeOut_t kernel;
static unsigned critical, critical_then;

static void kernel_time(TimeOut_t *t)
{
	critical_then = critical;
	*t = kernel;
}

#include "ports/freertos/port.c"


/* No call has to come every 49 days, and no task spoils the time of another */
static void clock_wraps(void)
{
	kernel = (TimeOut_t){0, UINT32_MAX};
	CHECK_EQ(freertos_now_ms(), UINT32_MAX);
	kernel = (TimeOut_t){1, 5};
	CHECK_EQ(freertos_now_ms(), (1ULL << 32) + 5);
	/* twice meanwhile */
	kernel = (TimeOut_t){3, 4};
	CHECK_EQ(freertos_now_ms(), (3ULL << 32) + 4);
	CHECK_EQ(critical_then, 1);
	CHECK_EQ(critical, 0);
}


static void call(struct freertos_port *fp, void *arg)
{
	(void)fp;
	(void)arg;
}


static void no_queue(void)
{
	CHECK_EQ(freertos_call(call, NULL), EAGAIN);
	CHECK_EQ(freertos_call_from_isr(call, NULL), EAGAIN);
}


const struct test_case suite_port[] = {
	{"clock: 64 bits of the kernel's counter and its wraps", clock_wraps},
	{"calls before the port has begun are refused", no_queue},
	{NULL, NULL}
};

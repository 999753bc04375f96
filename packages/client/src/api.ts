// Generated from contract/openapi.json by `npm run contract`.

export interface paths {
  '/providercalls': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List records
     * @description The customer's records that are not deleted, newest first. Query parameters that are not listed are rejected.
     */
    get: operations['listProviderCalls'];
    put?: never;
    /**
     * Place calls through one provider
     * @description Places real, billable calls, one for each destination, through exactly the named provider, and returns their record. Each Call reports its own state.
     *
     *     At most 50 destinations, 100 actions, 64 KiB of body and 32 levels of nesting. Targets must not contain control, bidirectional or zero-width characters, and those of type `tel` must be telephone numbers (RFC 3966). Fields that are not listed are rejected.
     *
     *     Accepted input is forwarded verbatim. A body is therefore rejected if it is not UTF-8 or contains U+FFFD, a duplicate key at any depth, the key `__proto__`, or a number that a double cannot hold, such as 9007199254740993 or 1e999. This includes the options of actions.
     *
     *     After `CALL_OUTCOME_UNKNOWN` the calls may have been placed: do not send the request as a new one. The same request with the same `Idempotency-Key` is safe.
     */
    post: operations['createProviderCall'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/providercalls/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a record
     * @description A record of the customer, deleted or not.
     */
    get: operations['getProviderCall'];
    put?: never;
    post?: never;
    /**
     * Delete a record
     * @description Removes the record from the lists; it can still be read by its id, and its calls continue. A second request changes nothing and returns the same record. `POST /calls/{id}/hangup` ends a call.
     */
    delete: operations['deleteProviderCall'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/providers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List providers
     * @description Providers that are not deleted, newest first.
     */
    get: operations['listProviders'];
    put?: never;
    /** Create a provider */
    post: operations['createProvider'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/providers/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a provider
     * @description A provider, deleted or not. `health_status` reflects the last response of its SIP server.
     */
    get: operations['getProvider'];
    /**
     * Change a provider
     * @description Omitted fields keep their values.
     */
    put: operations['updateProvider'];
    post?: never;
    /**
     * Delete a provider
     * @description No more calls are placed through it.
     */
    delete: operations['deleteProvider'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/flows': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List flows */
    get: operations['listFlows'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/flows/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get a flow */
    get: operations['getFlow'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/calls': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List calls */
    get: operations['listCalls'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/calls/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a call
     * @description The current state of the call. Poll it to follow a ProviderCall.
     */
    get: operations['getCall'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/calls/{id}/hangup': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End a call
     * @description A call that has already ended is not changed.
     */
    post: operations['hangupCall'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/groupcalls/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get a groupcall */
    get: operations['getGroupcall'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/timelines/calls/{id}/sip-analysis': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the SIP messages of a call
     * @description The SIP messages of the call, oldest first, and its media counters. For a call in progress, these are the messages and counters so far.
     *
     *     A failure that never reached the wire appears among the messages as a response from us to ourselves: 503 for a closed port, 408 for silence, 478 for a name without an address, 403 for a destination that SIP_ALLOW does not name. Its reason phrase and Warning header (399) state the cause.
     *
     *     The first and last messages are always kept; a note says how many in between are omitted. Digest responses are blanked out. `notes`, `rtp_*_sent` and `rtp_*_received` are extensions of the stand-in. Counters that were not measured are absent.
     */
    get: operations['getSipAnalysis'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/timelines/calls/{id}/pcap': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a capture file of a call
     * @description The same messages as a pcap file for tshark, Wireshark or sngrep. Each is one UDP datagram, even if it was sent over TCP or TLS.
     */
    get: operations['getPcap'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/timelines/calls/{id}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the steps of a call
     * @description The events of the call, newest first, each with the call as in its webhooks.
     */
    get: operations['listCallEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    CreateProviderCall: {
      /**
       * Format: uuid
       * @description The provider to force the calls through. It must exist and not be deleted.
       */
      provider_id: string;
      /**
       * Format: uuid
       * @description The flow to run after the call is answered. Unless it is the nil UUID, `actions` are ignored.
       * @default 00000000-0000-0000-0000-000000000000
       */
      flow_id?: string;
      /**
       * @description Steps to run after the call is answered, for which a temporary flow is created.
       * @default []
       */
      actions?: components['schemas']['Action'][];
      /**
       * @description The caller id, sent to the provider verbatim. With `anonymous` "yes" and a `tel` destination its target must start with "+".
       * @default null
       */
      source?: components['schemas']['AddressInput'] | null;
      /** @description Whom to call: each becomes one Call or Groupcall. */
      destinations: components['schemas']['AddressInput'][];
      /**
       * @description "yes" hides the caller id (RFC 3323) and carries the number for the provider only (RFC 3325). "no" sends it, as do "auto" and "" today.
       * @default auto
       */
      anonymous?: components['schemas']['Anonymous'];
    };
    AddressInput: {
      /**
       * @description `tel` and `sip` become a Call each, `agent` and `extension` a Groupcall each.
       * @enum {string}
       */
      type: 'tel' | 'sip' | 'agent' | 'extension';
      /** @description A telephone number, SIP user@host, agent id or extension. Carried verbatim. */
      target: string & (unknown & unknown);
      /**
       * @description A display name.
       * @default
       */
      target_name?: string;
    };
    /** @enum {string} */
    Anonymous: 'yes' | 'no' | 'auto' | '';
    Action: {
      /**
       * Format: uuid
       * @description Name of the step, for the `next_id` of other steps.
       */
      id?: string;
      /**
       * Format: uuid
       * @description The step that follows this one.
       */
      next_id?: string;
      /** @description The kind of step, such as `answer`, `talk` or `hangup`. */
      type: string;
      /** @description What the step needs, which depends on `type`. */
      option?: {
        [key: string]: unknown;
      };
    };
    CreateProvider: {
      /**
       * @default sip
       * @constant
       */
      type?: 'sip';
      hostname: string;
      /** @default  */
      tech_prefix?: string;
      /** @default  */
      tech_postfix?: string;
      /** @default {} */
      tech_headers?: {
        [key: string]: string;
      };
      /** @default  */
      codecs?: string;
      /** @default  */
      auth_username?: string;
      /** @default  */
      auth_password?: string;
      /** @default  */
      name?: string;
      /** @default  */
      detail?: string;
      /** @default {} */
      metadata?: {
        [key: string]: unknown;
      };
    };
    UpdateProvider: {
      /** @constant */
      type?: 'sip';
      hostname?: string;
      tech_prefix?: string;
      tech_postfix?: string;
      tech_headers?: {
        [key: string]: string;
      };
      codecs?: string;
      auth_username?: string;
      auth_password?: string;
      name?: string;
      detail?: string;
      metadata?: {
        [key: string]: unknown;
      };
    };
    ProviderCall: {
      /**
       * Format: uuid
       * @description The id of the ProviderCall.
       */
      id: string;
      /**
       * Format: uuid
       * @description The customer of whoever placed it.
       */
      customer_id: string;
      /**
       * Format: uuid
       * @description The provider that its calls were forced through.
       */
      provider_id: string;
      /**
       * Format: uuid
       * @description The flow that runs after the call is answered; the nil UUID when none was named.
       */
      flow_id: string;
      /** @description The caller id as sent; null if it was omitted. */
      source: components['schemas']['Address'] | null;
      /** @description The dial targets as sent. */
      destinations: components['schemas']['Address'][];
      /** @description As sent; "auto" if it was omitted. */
      anonymous: components['schemas']['Anonymous'];
      /** @description Calls that were placed. Their state is returned by `GET /calls/{id}`, not here. */
      call_ids: string[];
      /** @description Groupcalls that were placed, for destinations that ring a group. */
      groupcall_ids: string[];
      /** @description When it was created, UTC. */
      tm_create: string;
      /** @description When it was last changed, UTC. */
      tm_update: string;
      /** @description When it was deleted, UTC; null if it was not. */
      tm_delete: string | null;
    };
    ProviderCallPage: {
      /** @description The page, newest first. */
      result: components['schemas']['ProviderCall'][];
      /** @description The `page_token` of the next page; empty on the last one. */
      next_page_token: string;
    };
    Address: {
      /**
       * @description `tel` and `sip` become a Call each, `agent` and `extension` a Groupcall each.
       * @enum {string}
       */
      type: 'tel' | 'sip' | 'agent' | 'extension';
      /** @description A telephone number, SIP user@host, agent id or extension. Carried verbatim. */
      target: string & (unknown & unknown);
      /**
       * @description A display name.
       * @default
       */
      target_name: string;
    };
    ErrorDetail:
      | {
          field: string;
          message: string;
        }
      | {
          /** Format: uuid */
          providercall_id: string;
        };
    InvalidRequestError: {
      error: {
        /** @enum {string} */
        status: 'INVALID_ARGUMENT';
        /** @enum {string} */
        reason:
          | 'INVALID_ARGUMENT'
          | 'INVALID_JSON_BODY'
          | 'INVALID_ID'
          | 'PROVIDER_NOT_FOUND'
          | 'FLOW_NOT_FOUND';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    UnauthenticatedError: {
      error: {
        /** @enum {string} */
        status: 'UNAUTHENTICATED';
        /** @enum {string} */
        reason: 'AUTHENTICATION_REQUIRED';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    PaymentRequiredError: {
      error: {
        /** @enum {string} */
        status: 'PAYMENT_REQUIRED';
        /** @enum {string} */
        reason: 'INSUFFICIENT_BALANCE';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    PermissionDeniedError: {
      error: {
        /** @enum {string} */
        status: 'PERMISSION_DENIED';
        /** @enum {string} */
        reason: 'PERMISSION_DENIED' | 'DIRECT_ACCESS_NOT_SUPPORTED';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    NotFoundError: {
      error: {
        /** @enum {string} */
        status: 'NOT_FOUND';
        /** @enum {string} */
        reason:
          | 'PROVIDERCALL_NOT_FOUND'
          | 'ROUTE_NOT_FOUND'
          | 'PROVIDER_NOT_FOUND'
          | 'FLOW_NOT_FOUND'
          | 'CALL_NOT_FOUND'
          | 'GROUPCALL_NOT_FOUND'
          | 'TIMELINE_NOT_FOUND';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    ConflictError: {
      error: {
        /** @enum {string} */
        status: 'ALREADY_EXISTS' | 'FAILED_PRECONDITION';
        /** @enum {string} */
        reason: 'IDEMPOTENCY_KEY_REUSED' | 'REQUEST_IN_PROGRESS';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    TooLargeError: {
      error: {
        /** @enum {string} */
        status: 'INVALID_ARGUMENT';
        /** @enum {string} */
        reason: 'REQUEST_TOO_LARGE';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    RateLimitedError: {
      error: {
        /** @enum {string} */
        status: 'RESOURCE_EXHAUSTED';
        /** @enum {string} */
        reason: 'RATE_LIMIT_EXCEEDED';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    InternalErrorError: {
      error: {
        /** @enum {string} */
        status: 'INTERNAL';
        /** @enum {string} */
        reason: 'INTERNAL';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    UnavailableError: {
      error: {
        /** @enum {string} */
        status: 'UNAVAILABLE';
        /** @enum {string} */
        reason: 'SERVICE_UNAVAILABLE' | 'REQUEST_TIMEOUT' | 'CALL_OUTCOME_UNKNOWN';
        message: string;
        request_id: string;
        details?: components['schemas']['ErrorDetail'][];
      };
    };
    Provider: {
      id: string;
      /** @constant */
      type: 'sip';
      hostname: string;
      tech_prefix: string;
      tech_postfix: string;
      tech_headers: {
        [key: string]: string;
      };
      codecs: string;
      auth_username: string;
      name: string;
      detail: string;
      metadata: {
        [key: string]: unknown;
      };
      /** @enum {string} */
      health_status: 'unknown' | 'healthy' | 'unhealthy';
      health_checked_at: string | null;
      health_detail?: string;
      tm_create: string;
      tm_update: string;
      tm_delete: string | null;
    };
    ProviderPage: {
      result: components['schemas']['Provider'][];
      next_page_token: string;
    };
    Flow: {
      id: string;
      customer_id: string;
      /** @constant */
      type: 'flow';
      name: string;
      detail: string;
      persist: boolean;
      actions: ({
        type: string;
        option?: {
          [key: string]: unknown;
        };
      } & {
        [key: string]: unknown;
      })[];
      on_complete_flow_id: string;
      tm_create: string;
      tm_update: string;
      tm_delete: string | null;
    };
    FlowPage: {
      result: components['schemas']['Flow'][];
      next_page_token: string;
    };
    Call: {
      id: string;
      customer_id: string;
      flow_id: string;
      activeflow_id: string;
      /** @constant */
      type: 'flow';
      master_call_id: string;
      groupcall_id: string;
      source: {
        type: string;
        target: string;
        /** @default  */
        target_name: string;
      } | null;
      destination: {
        type: string;
        target: string;
        /** @default  */
        target_name: string;
      };
      /** @enum {string} */
      status: 'dialing' | 'ringing' | 'progressing' | 'terminating' | 'canceling' | 'hangup';
      /** @constant */
      direction: 'outgoing';
      metadata: {
        rtp_debug?: boolean;
        route_provider_ids?: string[];
        skip_source_validation?: boolean;
        codecs?: string;
      };
      hangup_by: ('remote' | 'local') | '';
      hangup_reason: ('normal' | 'failed' | 'busy' | 'cancel' | 'timeout' | 'no_answer' | 'dialout') | '';
      dialroute_id: string;
      dialroutes: {
        id: string;
        customer_id: string;
        provider_id: string;
        priority: number;
        target: string;
      }[];
      tm_ringing: string | null;
      tm_progressing: string | null;
      tm_hangup: string | null;
      tm_create: string;
      tm_update: string;
      tm_delete: string | null;
    };
    Groupcall: {
      id: string;
      customer_id: string;
      /** @enum {string} */
      status: 'progressing' | 'hangup';
      flow_id: string;
      source: {
        type: string;
        target: string;
        /** @default  */
        target_name: string;
      } | null;
      destinations: {
        type: string;
        target: string;
        /** @default  */
        target_name: string;
      }[];
      master_call_id: string;
      /** @constant */
      ring_method: 'ring_all';
      /** @constant */
      answer_method: 'hangup_others';
      answer_call_id: string;
      call_ids: string[];
      call_count: number;
      tm_create: string;
      tm_update: string;
      tm_delete: string | null;
    };
    CallPage: {
      result: components['schemas']['Call'][];
      next_page_token: string;
    };
    SipAnalysis: {
      sip_messages: {
        timestamp: string;
        method: string;
        src_ip: string;
        src_port: number;
        dst_ip: string;
        dst_port: number;
        raw: string;
      }[];
      rtcp_stats: {
        jitter?: number;
        packet_loss_pct?: number;
        rtt?: number;
        rtp_packets?: number;
        rtp_bytes?: number;
        rtp_errors?: number;
        rtcp_packets?: number;
        rtcp_bytes?: number;
        rtcp_errors?: number;
        rtp_packets_sent?: number;
        rtp_packets_received?: number;
        rtp_bytes_sent?: number;
        rtp_bytes_received?: number;
      } | null;
      notes?: {
        timestamp: string;
        text: string;
      }[];
    };
    TimelineEventPage: {
      result: {
        timestamp: string;
        event_type: string;
        data: components['schemas']['Call'];
      }[];
      next_page_token: string;
    };
  };
  responses: {
    /**
     * @description The request is not acceptable. Nothing was dialled or written.
     *
     *     - `INVALID_ARGUMENT`: A field, header or query parameter is not acceptable.
     *     - `INVALID_JSON_BODY`: The body is not JSON that this API accepts.
     *     - `INVALID_ID`: The id in the path is not a UUID.
     *     - `PROVIDER_NOT_FOUND`: The provider does not exist or has been deleted.
     *     - `FLOW_NOT_FOUND`: The flow does not exist or has been deleted.
     */
    InvalidRequest: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['InvalidRequestError'];
      };
    };
    /**
     * @description There is no valid credential.
     *
     *     - `AUTHENTICATION_REQUIRED`: The credential is missing, malformed, expired or unknown, or there is more than one.
     */
    Unauthenticated: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['UnauthenticatedError'];
      };
    };
    /**
     * @description The balance is not sufficient. Nothing was dialled.
     *
     *     - `INSUFFICIENT_BALANCE`: The customer's balance does not cover the call.
     */
    PaymentRequired: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['PaymentRequiredError'];
      };
    };
    /**
     * @description The credential is valid, but not a project super-admin’s.
     *
     *     - `PERMISSION_DENIED`: The credential is valid but lacks PermissionProjectSuperAdmin.
     *     - `DIRECT_ACCESS_NOT_SUPPORTED`: A token of type "direct" cannot use this API.
     */
    PermissionDenied: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['PermissionDeniedError'];
      };
    };
    /**
     * @description It does not exist.
     *
     *     - `PROVIDERCALL_NOT_FOUND`: No ProviderCall of this customer has that id.
     *     - `ROUTE_NOT_FOUND`: There is no such path or method.
     *     - `PROVIDER_NOT_FOUND`: There is no such provider.
     *     - `FLOW_NOT_FOUND`: The customer has no such flow.
     *     - `CALL_NOT_FOUND`: The customer has no such call.
     *     - `GROUPCALL_NOT_FOUND`: The customer has no such groupcall.
     *     - `TIMELINE_NOT_FOUND`: No messages of the call were captured, or the capture has expired.
     */
    NotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['NotFoundError'];
      };
    };
    /**
     * @description The request conflicts with an earlier one, or with the current state.
     *
     *     - `IDEMPOTENCY_KEY_REUSED`: The Idempotency-Key was used before with a different body.
     *     - `REQUEST_IN_PROGRESS`: The first request with this Idempotency-Key is still in progress.
     */
    Conflict: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'Retry-After': components['headers']['Retry-After'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ConflictError'];
      };
    };
    /**
     * @description The body is over the limit.
     *
     *     - `REQUEST_TOO_LARGE`: The body is larger than the limit. The HTTP status is 413.
     */
    TooLarge: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['TooLargeError'];
      };
    };
    /**
     * @description Too many requests or calls. Nothing was dialled.
     *
     *     - `RATE_LIMIT_EXCEEDED`: Too many requests, or too many calls for the customer. Retry-After says how long to wait.
     */
    RateLimited: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'Retry-After': components['headers']['Retry-After'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['RateLimitedError'];
      };
    };
    /**
     * @description Something went wrong on our side.
     *
     *     - `INTERNAL`: Something went wrong on our side. The request can be found in the logs by its id.
     */
    InternalError: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['InternalErrorError'];
      };
    };
    /**
     * @description Part of the platform did not respond in time, or not at all.
     *
     *     - `SERVICE_UNAVAILABLE`: Part of the platform did not respond; `message` says whether anything was dialled. With an Idempotency-Key, it is safe to send the request again.
     *     - `REQUEST_TIMEOUT`: The request timed out; `message` says whether anything was dialled. With an Idempotency-Key, it is safe to send the request again.
     *     - `CALL_OUTCOME_UNKNOWN`: The calls may have been placed. The record with the id in `details` stays unconfirmed until this is settled; do not send the request as a new one.
     */
    Unavailable: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'X-ProviderCall-State': components['headers']['X-ProviderCall-State'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['UnavailableError'];
      };
    };
  };
  parameters: {
    /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
    RequestId: string;
    Id: string;
    /** @description Records per page, 1 to 100. A number outside that range counts as 100. */
    PageSize: number;
    /**
     * @description The `next_page_token` of the previous page. A timestamp means: older than that.
     * @example 2026-04-21 23:15:00.000000
     */
    PageToken: string;
  };
  requestBodies: never;
  headers: {
    /** @description The request's id: the client's own, if it sent one. */
    'X-Request-Id': string;
    /** @description Whether the calls were placed. `unconfirmed` means that this is not known yet, and the record has no call ids. */
    'X-ProviderCall-State': 'placed' | 'unconfirmed';
    /**
     * @description Who placed the calls.
     * @example agent:1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1
     */
    'X-ProviderCall-Created-By': string;
    /**
     * @description Who deleted the record; absent if nobody did.
     * @example accesskey:a0000000-0000-4000-8000-000000000001
     */
    'X-ProviderCall-Deleted-By': string;
    /** @description The id of the request that placed the calls. */
    'X-ProviderCall-Request-Id': string;
    /**
     * @description Ids of calls and groupcalls that may or may not be those of an unconfirmed record, separated by commas: several sets of them match, and an operator has to decide. Absent if there are none.
     * @example 9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345, 9f8e7d6c-5b4a-3c2d-1e0f-abcdef012346
     */
    'X-ProviderCall-Candidates': string;
    /**
     * @description Ids of the unconfirmed records in this page, separated by commas; absent if there are none.
     * @example b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f
     */
    'X-ProviderCall-Unconfirmed': string;
    /** @description The scheme of the credential. */
    'WWW-Authenticate': 'Bearer';
    /** @description Present when the record is that of an earlier request with the same Idempotency-Key. */
    'Idempotent-Replayed': 'true';
    /** @description Seconds after which the same request may succeed. */
    'Retry-After': string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  listProviderCalls: {
    parameters: {
      query?: {
        /** @description Records per page, 1 to 100. A number outside that range counts as 100. */
        page_size?: components['parameters']['PageSize'];
        /**
         * @description The `next_page_token` of the previous page. A timestamp means: older than that.
         * @example 2026-04-21 23:15:00.000000
         */
        page_token?: components['parameters']['PageToken'];
        /** @description Only records of calls through this provider. */
        provider_id?: string;
      };
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of records. `X-ProviderCall-Unconfirmed` names those that are unconfirmed. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'X-ProviderCall-Unconfirmed': components['headers']['X-ProviderCall-Unconfirmed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderCallPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  createProviderCall: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
        /**
         * @description Makes it safe for this customer to send the request again: the same key with the same body returns the stored record and places no second call. Without a key, every request is a new one.
         * @example onboarding-4dbeabd6-1
         */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateProviderCall'];
      };
    };
    responses: {
      /** @description The record of the calls that were placed, by this request or by the first one with its key. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'X-ProviderCall-State': components['headers']['X-ProviderCall-State'];
          'X-ProviderCall-Created-By': components['headers']['X-ProviderCall-Created-By'];
          'X-ProviderCall-Deleted-By': components['headers']['X-ProviderCall-Deleted-By'];
          'X-ProviderCall-Request-Id': components['headers']['X-ProviderCall-Request-Id'];
          'X-ProviderCall-Candidates': components['headers']['X-ProviderCall-Candidates'];
          'Idempotent-Replayed': components['headers']['Idempotent-Replayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderCall'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      402: components['responses']['PaymentRequired'];
      403: components['responses']['PermissionDenied'];
      409: components['responses']['Conflict'];
      413: components['responses']['TooLarge'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  getProviderCall: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The record. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'X-ProviderCall-State': components['headers']['X-ProviderCall-State'];
          'X-ProviderCall-Created-By': components['headers']['X-ProviderCall-Created-By'];
          'X-ProviderCall-Deleted-By': components['headers']['X-ProviderCall-Deleted-By'];
          'X-ProviderCall-Request-Id': components['headers']['X-ProviderCall-Request-Id'];
          'X-ProviderCall-Candidates': components['headers']['X-ProviderCall-Candidates'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderCall'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  deleteProviderCall: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The record with the time of its deletion. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'X-ProviderCall-State': components['headers']['X-ProviderCall-State'];
          'X-ProviderCall-Created-By': components['headers']['X-ProviderCall-Created-By'];
          'X-ProviderCall-Deleted-By': components['headers']['X-ProviderCall-Deleted-By'];
          'X-ProviderCall-Request-Id': components['headers']['X-ProviderCall-Request-Id'];
          'X-ProviderCall-Candidates': components['headers']['X-ProviderCall-Candidates'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderCall'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  listProviders: {
    parameters: {
      query?: {
        /** @description Records per page, 1 to 100. A number outside that range counts as 100. */
        page_size?: components['parameters']['PageSize'];
        /**
         * @description The `next_page_token` of the previous page. A timestamp means: older than that.
         * @example 2026-04-21 23:15:00.000000
         */
        page_token?: components['parameters']['PageToken'];
      };
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of providers. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  createProvider: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateProvider'];
      };
    };
    responses: {
      /** @description The provider. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Provider'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      413: components['responses']['TooLarge'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  getProvider: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The provider. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Provider'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  updateProvider: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateProvider'];
      };
    };
    responses: {
      /** @description The changed provider. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Provider'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      413: components['responses']['TooLarge'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  deleteProvider: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The provider with the time of its deletion. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Provider'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  listFlows: {
    parameters: {
      query?: {
        /** @description Records per page, 1 to 100. A number outside that range counts as 100. */
        page_size?: components['parameters']['PageSize'];
        /**
         * @description The `next_page_token` of the previous page. A timestamp means: older than that.
         * @example 2026-04-21 23:15:00.000000
         */
        page_token?: components['parameters']['PageToken'];
      };
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of the customer's flows, newest first. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FlowPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  getFlow: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The flow. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Flow'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  listCalls: {
    parameters: {
      query?: {
        /** @description Records per page, 1 to 100. A number outside that range counts as 100. */
        page_size?: components['parameters']['PageSize'];
        /**
         * @description The `next_page_token` of the previous page. A timestamp means: older than that.
         * @example 2026-04-21 23:15:00.000000
         */
        page_token?: components['parameters']['PageToken'];
      };
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of the customer's calls, newest first. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CallPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  getCall: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The call. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Call'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  hangupCall: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The call, which is ending. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Call'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  getGroupcall: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The current state of the groupcall. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Groupcall'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  getSipAnalysis: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The capture. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SipAnalysis'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  getPcap: {
    parameters: {
      query?: never;
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The file. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': unknown;
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  listCallEvents: {
    parameters: {
      query?: {
        /** @description Records per page, 1 to 100. A number outside that range counts as 100. */
        page_size?: components['parameters']['PageSize'];
        /**
         * @description The `next_page_token` of the previous page. A timestamp means: older than that.
         * @example 2026-04-21 23:15:00.000000
         */
        page_token?: components['parameters']['PageToken'];
      };
      header?: {
        /** @description Identifies the request in responses and logs. An id of any other form is replaced. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of events. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TimelineEventPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['PermissionDenied'];
      404: components['responses']['NotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
}

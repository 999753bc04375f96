/** One step of a sipp scenario, seen from the called side. */
export type Step =
  | { receive: string }
  | { receiveStatus: number }
  /** A response to the request that was received last; `retransmit` until the next request comes. */
  | { respond: string; tag?: string; lines?: string[]; sdp?: string[]; retransmit?: boolean }
  /** A request of the called side within the call; `tag` is that of its own responses. */
  | { request: string; cseq: number; tag?: string; lines?: string[]; sdp?: string[] }
  | { pauseMs: number }
  /** Only once in a scenario. */
  | { times: number; steps: Step[] };

const SDP = [
  'v=0',
  'o=- 1 1 IN IP[local_ip_type] [local_ip]',
  's=-',
  'c=IN IP[media_ip_type] [media_ip]',
  't=0 0',
  'm=audio [media_port] RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
];

/** The SDP of sipp's own media port, with these lines added. */
export function sdp(...lines: string[]): string[] {
  return [...SDP, ...lines];
}

/** Returns the scenario as sipp's XML. */
export function scenarioOf(steps: Step[]): string {
  const body = steps.map(stepXml).join('\n');
  return `<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="steps">\n${body}\n<Reference variables="caller,callee"/>\n</scenario>\n`;
}

function stepXml(step: Step): string {
  if ('pauseMs' in step) return `<pause milliseconds="${step.pauseMs}"/>`;
  if ('times' in step) {
    const { steps, times } = step;
    return [
      '<label id="1"/>',
      ...steps.map(stepXml),
      '<nop><action><add assign_to="turn" value="1"/>',
      `<test assign_to="again" variable="turn" compare="less_than" value="${times}"/></action></nop>`,
      '<nop next="1" test="again"/>',
    ].join('\n');
  }
  if ('receiveStatus' in step) return `<recv response="${step.receiveStatus}"/>`;
  if ('receive' in step) {
    // From and To are kept for requests of the called side.
    const keep =
      step.receive === 'INVITE'
        ? `<action><ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/><ereg regexp=".*" search_in="hdr" header="To:" assign_to="callee"/></action>`
        : '';
    return `<recv request="${step.receive}" rrs="true">${keep}</recv>`;
  }
  if ('respond' in step) {
    const { lines = [], respond, tag = '[pid]' } = step;
    // Within a dialog To has its tag already.
    const to = tag === '' ? '[last_To:]' : `[last_To:];tag=${tag}`;
    const headers = [
      `SIP/2.0${respond === '' ? '' : ` ${respond}`}`,
      '[last_Via:]',
      '[last_From:]',
      to,
      '[last_Call-ID:]',
      '[last_CSeq:]',
      '[last_Record-Route:]',
      'Contact: <sip:callee@[local_ip]:[local_port]>',
      ...lines,
    ];
    return send(headers, step.sdp, step.retransmit ?? false);
  }
  const { cseq, lines = [], request, tag = '[pid]' } = step;
  const headers = [
    `${request} [next_url] SIP/2.0`,
    'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]',
    '[routes]',
    'Max-Forwards: 70',
    `From: [$callee];tag=${tag}`,
    'To: [$caller]',
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${request}`,
    'Contact: <sip:callee@[local_ip]:[local_port]>',
    ...lines,
  ];
  return send(headers, step.sdp, request !== 'ACK');
}

function send(headers: string[], body: string[] | undefined, retransmit: boolean): string {
  const content =
    body === undefined
      ? ['Content-Length: 0', '', '']
      : ['Content-Type: application/sdp', 'Content-Length: [len]', '', ...body, ''];
  const text = [...headers, ...content].map((line) => `      ${line}`).join('\n');
  return `<send${retransmit ? ' retrans="500"' : ''}><![CDATA[\n\n${text}\n    ]]></send>`;
}

import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

export type CustomDomainProps = { domain: NonNullable<Settings['domain']>; restApi: apigateway.RestApi };

/** The API under a custom domain name, with its DNS record if the zone is given. */
export class CustomDomain extends Construct {
  /** Ends with a slash, as the API's own URL does. */
  readonly url: string;
  /** What the DNS record has to point to, in case it is created by hand. */
  readonly target: string;

  constructor(scope: Construct, id: string, props: CustomDomainProps) {
    super(scope, id);
    const { domain, restApi } = props;
    const domainName = new apigateway.DomainName(this, 'DomainName', {
      domainName: domain.name,
      certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      endpointType: apigateway.EndpointType.REGIONAL,
      securityPolicy: apigateway.SecurityPolicy.TLS_1_2,
    });
    domainName.addBasePathMapping(restApi, domain.basePath === null ? {} : { basePath: domain.basePath });
    if (domain.zone !== null) {
      const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', {
        hostedZoneId: domain.zone.id,
        zoneName: domain.zone.name,
      });
      new route53.ARecord(this, 'Record', {
        zone,
        recordName: `${domain.name}.`,
        target: route53.RecordTarget.fromAlias(new targets.ApiGatewayDomain(domainName)),
      });
    }
    this.url = `https://${domain.name}/${domain.basePath === null ? '' : `${domain.basePath}/`}`;
    this.target = domainName.domainNameAliasDomainName;
  }
}

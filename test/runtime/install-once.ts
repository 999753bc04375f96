import { installLambdaRic } from './lambda-ric.ts';

export default function installOnce(): void {
  installLambdaRic();
}

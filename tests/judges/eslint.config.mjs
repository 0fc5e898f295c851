// What AppSync's JavaScript runtime can't run, by AWS's own rules.
import appsync from '@aws-appsync/eslint-plugin';

export default [{ files: ['**/*.js'], ...appsync.configs.base }];

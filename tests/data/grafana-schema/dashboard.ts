import type { Dashboard, VariableModel, Panel, RowPanel, FieldConfigSource, FieldConfig, DataSourceRef } from '@grafana/schema';
import type { Options as TimeseriesOptions, FieldConfig as TimeseriesField } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type { Options as HeatmapOptions, FieldConfig as HeatmapField } from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

// A panel with the options of its type. The package leaves those open, and every panel of ours has these fields.
type Fields<C> = Omit<FieldConfigSource, 'defaults'> & { defaults: Omit<FieldConfig, 'custom'> & { custom?: C } };
type Of<K extends string, O, C> = Omit<Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
  type: K; options: O; fieldConfig: Fields<C>; targets: Dataquery[];
  title: string; description: string; datasource: DataSourceRef; gridPos: NonNullable<Panel['gridPos']>;
};
type AnyPanel = Of<'timeseries', TimeseriesOptions, TimeseriesField> | Of<'heatmap', HeatmapOptions, HeatmapField>;
export type OurDashboard = Omit<Dashboard, 'panels' | 'templating'> & { templating: { list: VariableModel[] }; panels: (AnyPanel | RowPanel)[] };

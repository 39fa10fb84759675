{{- define "backburner.labels" -}}
app.kubernetes.io/name: backburner
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "backburner.selector" -}}
app.kubernetes.io/name: backburner
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "backburner.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{- /* The same for every pod: no privileges, and a file system that cannot be written. */ -}}
{{- define "backburner.podSecurity" -}}
runAsNonRoot: true
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "backburner.containerSecurity" -}}
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
{{- end }}

{{- define "backburner.env" -}}
- name: REDIS_URL
{{- if .Values.valkey.bundled }}
  value: redis://{{ .Release.Name }}-valkey:6379/0
{{- else }}
  valueFrom: {secretKeyRef: {name: {{ .Values.secretName }}, key: REDIS_URL}}
{{- end }}
- {name: BACKBURNER_PROVIDER, value: {{ .Values.provider }}}
- {name: BACKBURNER_LOG_FORMAT, value: {{ .Values.logFormat }}}
- {name: BACKBURNER_DATA_DIR, value: /data}
{{- range $name, $value := .Values.env }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "backburner.scheduling" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

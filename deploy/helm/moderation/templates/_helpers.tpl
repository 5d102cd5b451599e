{{/* Names, and the parts of a pod that all processes share. */}}

{{- define "moderation.name" -}}
{{ printf "%s-%s" .root.Release.Name .process | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "moderation.selector" -}}
app.kubernetes.io/name: moderation
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .process }}
{{- end }}

{{- define "moderation.labels" -}}
{{ include "moderation.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "moderation.image" -}}
{{- $image := .root.Values.image -}}
{{- if and .gpu $image.gpuDigest -}}
{{ printf "%s@%s" $image.repository $image.gpuDigest }}
{{- else if .gpu -}}
{{ printf "%s:%s" $image.repository $image.gpuTag }}
{{- else if $image.digest -}}
{{ printf "%s@%s" $image.repository $image.digest }}
{{- else -}}
{{ printf "%s:%s" $image.repository (default .root.Chart.AppVersion $image.tag) }}
{{- end -}}
{{- end }}

{{/* What is the same in the spec of every pod. */}}
{{- define "moderation.pod" -}}
automountServiceAccountToken: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* Replicas on machines of their own, as far as there are machines. */}}
{{- define "moderation.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "moderation.selector" . | nindent 8 }}
{{- end }}

{{/* What is the same in every container. */}}
{{- define "moderation.container" -}}
image: {{ include "moderation.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "moderation.probes" -}}
# Loading and warming the model takes up to minutes; nothing is restarted meanwhile.
startupProbe:
  httpGet: { path: /healthz, port: http }
  periodSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /healthz, port: http }
  periodSeconds: 10
  failureThreshold: 3
readinessProbe:
  httpGet: { path: /readyz, port: http }
  periodSeconds: 5
  failureThreshold: 2
{{- end }}

{{/* Settings of Kafka, of the process, and where its secrets lie. */}}
{{- define "moderation.environment" -}}
- name: MODERATION_KAFKA_BOOTSTRAP_SERVERS
  value: {{ .root.Values.kafka.bootstrapServers | quote }}
- name: MODERATION_KAFKA_TOPIC_PREFIX
  value: {{ .root.Values.kafka.topicPrefix | quote }}
- name: MODERATION_KAFKA_SECURITY_PROTOCOL
  value: {{ .root.Values.kafka.securityProtocol | quote }}
{{- if .root.Values.kafka.caSecret }}
- name: MODERATION_KAFKA_SSL_CA_FILE
  value: /etc/moderation/kafka-ca/ca.crt
{{- end }}
{{- if .values.kafkaUserSecret }}
- name: MODERATION_KAFKA_SSL_CERTIFICATE_FILE
  value: /etc/moderation/kafka-user/user.crt
- name: MODERATION_KAFKA_SSL_KEY_FILE
  value: /etc/moderation/kafka-user/user.key
{{- end }}
{{- if .root.Values.tracing.endpoint }}
- name: MODERATION_TRACING_ENDPOINT
  value: {{ .root.Values.tracing.endpoint | quote }}
- name: MODERATION_TRACING_SAMPLE_RATIO
  value: {{ .root.Values.tracing.sampleRatio | quote }}
{{- end }}
{{- if .values.secrets }}
- name: MODERATION_SECRETS_DIR
  value: /etc/moderation/secrets
{{- end }}
{{- range $name, $value := .values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "moderation.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if .root.Values.kafka.caSecret }}
- { name: kafka-ca, mountPath: /etc/moderation/kafka-ca, readOnly: true }
{{- end }}
{{- if .values.kafkaUserSecret }}
- { name: kafka-user, mountPath: /etc/moderation/kafka-user, readOnly: true }
{{- end }}
{{- if .values.secrets }}
- { name: secrets, mountPath: /etc/moderation/secrets, readOnly: true }
{{- end }}
{{- if .values.files }}
- { name: files, mountPath: /etc/moderation/files, readOnly: true }
{{- end }}
{{- end }}

{{- define "moderation.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if .root.Values.kafka.caSecret }}
- name: kafka-ca
  secret: { secretName: {{ .root.Values.kafka.caSecret }} }
{{- end }}
{{- if .values.kafkaUserSecret }}
- name: kafka-user
  secret: { secretName: {{ .values.kafkaUserSecret }} }
{{- end }}
{{- if .values.secrets }}
- name: secrets
  projected:
    sources:
      {{- range .values.secrets }}
      - secret: { name: {{ . }} }
      {{- end }}
{{- end }}
{{- if .values.files }}
- name: files
  configMap: { name: {{ .values.files }} }
{{- end }}
{{- end }}

# Headgate in a Kubernetes cluster that is there already, by its chart, with its keys as a Secret. An example: take it as it is, or take
# the one resource you need. `terraform init && terraform apply -var openai_api_key=sk-… -var client_keys=app=$(openssl rand -hex 24)`
terraform {
  required_version = ">= 1.6"
  required_providers {
    helm       = { source = "hashicorp/helm", version = "~> 3.0" }
    kubernetes = { source = "hashicorp/kubernetes", version = "~> 2.30" }
  }
}

variable "namespace" {
  type    = string
  default = "headgate"
}

variable "image_tag" {
  type        = string
  default     = ""
  description = "Of the image; empty = the chart's version."
}

variable "openai_api_key" {
  type      = string
  sensitive = true
}

variable "client_keys" {
  type        = string
  sensitive   = true
  description = "Keys that clients present: HEADGATE_API_KEYS."
}

resource "kubernetes_namespace_v1" "gate" {
  metadata {
    name = var.namespace
  }
}

resource "kubernetes_secret_v1" "keys" {
  metadata {
    name      = "headgate-keys"
    namespace = kubernetes_namespace_v1.gate.metadata[0].name
  }
  data = {
    OPENAI_API_KEY    = var.openai_api_key
    HEADGATE_API_KEYS = var.client_keys
  }
}

resource "helm_release" "gate" {
  name      = "gate"
  namespace = kubernetes_namespace_v1.gate.metadata[0].name
  chart     = "${path.module}/../helm/headgate"

  values = [yamlencode({
    existingSecret = kubernetes_secret_v1.keys.metadata[0].name
    image          = { tag = var.image_tag }
  })]
}
